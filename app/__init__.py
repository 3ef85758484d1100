"""The online room: loads the live release and answers over HTTP. Imports `models`, never `training`."""
