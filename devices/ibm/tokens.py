"""How IBM's SDK asks for a token: the one thing of it that is changed, for the whole process."""

from __future__ import annotations

from typing import Any


def mend_token_requests() -> None:
    """Has requests for a token follow no redirect, and has one that failed not hold up the next.

    The body of such a request is the API key, and a redirect (307, 308) would carry it to any host. And the SDK takes
    a request that failed for one under way: whoever asks next waits for it for a minute, inside the call.
    The client has its token managers made in several places, most of them out of reach: so it is done for all.
    """
    from ibm_cloud_sdk_core.token_managers.jwt_token_manager import JWTTokenManager

    as_it_was, paced_as_it_was = JWTTokenManager._request, JWTTokenManager.paced_request_token
    if getattr(as_it_was, "follows_no_redirects", False):
        return

    def request(self: JWTTokenManager, *arguments: Any, **more: Any) -> dict[str, Any]:
        self.http_config = {**self.http_config, "allow_redirects": False}
        return as_it_was(self, *arguments, **more)

    def paced_request_token(self: JWTTokenManager) -> None:
        try:
            paced_as_it_was(self)
        except BaseException:
            self.request_time = 0
            raise

    request.follows_no_redirects = True  # type: ignore[attr-defined]
    JWTTokenManager._request = request  # type: ignore[method-assign]
    JWTTokenManager.paced_request_token = paced_request_token  # type: ignore[method-assign]
