"""What every answer of ours carries, whatever it is."""

from collections.abc import Mapping

# Newspapers' pictures may come from anywhere; nothing else comes from anywhere but here.
POLICY = (
    "default-src 'none'; img-src https: http:; style-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

SAFETY: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Server": "baotong",
}
