"""echoformat: which pretraining format is a model writing in."""
