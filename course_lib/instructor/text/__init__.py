"""From a lesson's text to what learners get: notebooks, releases, bundles."""
