"""What dispatch decides, pure: facts, aggregates and the functions that decide over them.

A pool is what one decision at a time is made in: ``product:<id>`` – the providers of a product – or
``provider:<id>`` – the staff of a provider. Pools hold counts only; who holds what stands in ``Assignment``.
"""
