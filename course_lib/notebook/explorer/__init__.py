"""The frame of an explorer: controls, figure, table. What a lesson explores lies in that lesson's room."""
