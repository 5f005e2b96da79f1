"""An application that keeps tickets and answers when they are due.

Read it in this order:

    policy      the desk's policy
    storage     the table of tickets, and what is stored beside the facts
    main        the application: what comes in, what goes out
    recompute   a command that stores the deadlines of all tickets again after a change of the policy
"""
