"""Writes the outputs of commands: files that appear complete and together, and text for streams.

Read the files in this order. Each file imports only from the file above it, and from folders above this one:

    streams    text for standard streams, other open streams, pipes and devices
    drafts     writes files so that they appear complete or not at all
"""
