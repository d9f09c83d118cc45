"""Reading documents without stalling the loop: small ones here, large ones in a process that can be killed.

document ──▶ small? ──▶ source.read                                   in the loop: milliseconds
               └──▶ frame ──pipe──▶ child: build_source(config).read   10 s of CPU, 108 MiB, or killed

The child imports this package too, so nothing is imported here: what only the loop needs it does not hold.
"""
