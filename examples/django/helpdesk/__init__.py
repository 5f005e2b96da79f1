"""The app: tickets, their events, and a page that shows when they are due."""
