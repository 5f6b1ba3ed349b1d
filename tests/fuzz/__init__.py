"""Coverage-guided fuzzing of whatever reads what others have written.

    targets/      one subject a module: what is done with the bytes, what must hold of it, and where to begin
    mutators/     changes that leave PNG, JPEG and JSON readable, so that what lies behind their readers is reached
    corpus/       small files for each target: what broke once (``found-...``), and what leads everywhere
    child.py      one target under atheris (libFuzzer) in a process of its own
    drive.py      all of them, each with its share of the time and within limits; ``make fuzz``
    record.py     what was tried and what broke, as JSON and as a table
    distil.py     a few small inputs that reach as much as many large ones

Targets need no atheris: ``test_corpus.py`` replays the corpus through them.
"""
