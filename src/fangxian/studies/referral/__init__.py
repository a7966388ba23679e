"""A morning of referrals: from tables to placements, and back to tables and sentences. 有序转诊。"""
