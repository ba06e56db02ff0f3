"""One workload per file: first those of `bench`, then those of `compare`, numbered.

Each has a NAME, a TITLE and measure(). Those of `bench` tell() their figures as text; those of
`compare` list their cases() first, so that it can be planned how long they take, and explain what
was found in exhibits().
"""
