"""``fangxian accounts``: the first administrator, who then opens the other accounts on the pages."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep this a group of commands even while it holds one."""


@app.command("create-admin")
def create_admin(
    username: Annotated[str, typer.Argument(help="User name. 用户名")],
    password: Annotated[
        str,
        typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, help="Asked for. 不写则询问"),
    ],
    place: Annotated[
        str | None, typer.Option(help="Place code; without it every place. 地区代码，不写则为全部地区")
    ] = None,
) -> None:
    """Open an administrator's account for a place and everything below it. 开通管理员"""
    import django

    django.setup()
    from fangxian.ground.accounts.services import create_administrator

    where = create_administrator(username=username, password=password, place_code=place)
    print(f"{username}: administrator 管理员 · {', '.join(str(each) for each in where)}")


@app.command("reset-password")
def reset(
    username: Annotated[str, typer.Argument(help="User name. 用户名")],
    password: Annotated[
        str,
        typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, help="Asked for. 不写则询问"),
    ],
) -> None:
    """Set a password at the machine itself, for when no administrator can sign in. 重置密码"""
    import django

    django.setup()
    from fangxian.ground.accounts.selectors.lookup import user_by_name
    from fangxian.ground.accounts.services import reset_password

    reset_password(actor=None, user=user_by_name(username), password=password)
    print(f"{username}: to be changed at the next sign-in 下次登录时须修改")
