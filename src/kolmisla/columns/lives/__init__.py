"""Finds the cycles of any metric in the events of many tickets, and judges each cycle.

A ticket may have several cycles. Each cycle is judged like a ticket of its own, which is opened when the cycle begins.
Earlier events tell the state of the ticket when the cycle begins, and one event ends the cycle.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    in_order   sorts the events of tickets, and brings them into the form that the code for one ticket uses
    roles      finds what each event does to the cycles of a metric, such as to begin or to end one
    marks      finds where cycles begin and end
    cycles     judges the cycles of a metric: their deadlines and their states
    alone      judges the cycles of the few tickets that must be judged one by one
    names      finds the owners, priorities or reasons of pauses by which the time of cycles is split
    pieces     splits the time of cycles by the owners, priorities or reasons
"""
