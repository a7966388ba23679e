"""The rehearsal that the demonstration lives on: run once, kept in little, told when asked (模拟数据)."""
