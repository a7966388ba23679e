"""Which patient goes to which bed: by severity and need, then risk, then distance. 分级诊疗·有序转诊。"""
