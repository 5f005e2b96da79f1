"""The lives of many tickets: where the cycles of any metric begin and end, and the answers about each cycle.

A ticket may have several cycles. Each cycle counts as a ticket of its own, which is opened when the cycle begins: the
events before it tell its state at the opening, and one event is its end.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    in_order   the events of tickets in order, in the form in which a ticket that is judged alone has them
    roles      what each event does to the cycles of a metric
    marks      where cycles begin and end
    cycles     the answers about the cycles of a metric
    alone      the same for tickets that are judged one by one
    names      the owners, the priorities and the reasons of pauses by which the time of cycles is split
    pieces     the parts of the time of cycles
"""
