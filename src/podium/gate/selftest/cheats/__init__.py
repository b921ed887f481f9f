"""Known ways to a green gate without the work. One function a cheat; which there are is `registry.py`'s business."""
