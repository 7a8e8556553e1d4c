"""The estimator against worlds whose truth is known: does it keep what it promises?"""
