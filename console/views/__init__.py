"""Doors for people with a browser. They read and draw; every change goes through the API."""
