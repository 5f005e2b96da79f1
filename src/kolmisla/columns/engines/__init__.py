"""Engines that bring their own frames: an adapter each, loaded when one of its frames comes in."""
