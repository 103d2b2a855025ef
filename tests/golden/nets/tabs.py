x =	Conv1d(3, 8, 1)
	Conv1d(9,	8, 1)
