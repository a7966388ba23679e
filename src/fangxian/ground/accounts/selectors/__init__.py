"""Reading accounts and answering who may do what."""

from fangxian.ground.accounts.selectors.access import Access, requires
from fangxian.ground.accounts.selectors.policy import PermissionPolicy, policy

__all__ = ["Access", "PermissionPolicy", "policy", "requires"]
