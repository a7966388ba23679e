"""A day of transfers: from tables to rounds, and from rounds to tables and sentences. 转运。"""
