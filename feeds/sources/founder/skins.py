"""The templates in which Founder's papers set an article."""

from feeds.sources.skins import Skin

SKINS = (
    Skin(".article h1", ".article h3", ".article h2", ".article .sec", ".article .date", "#ozoom, founder-content"),
    Skin("#Title", "#PreTitle", "#SubTitle", "#Author", "#paperdate", "#ozoom, #Content, #content, founder-content"),
    Skin(".newsdetatit h3", ".newsdetatit .intro, .intro", ".newsdetatit .sub, .sub", ".newsdetatit .author", ".newsdetatit .date", ".newsdetatext"),
    Skin(".totalTitle", ".preTitle", ".subTitle", ".author", ".date", "#ozoom, founder-content"),
    Skin(".text_c h1", ".text_c h3", ".text_c h2", ".text_c h4", ".lai", "#ozoom, #articleContent, founder-content"),
    # classic: three rows of one table, of which the first and the last may be blank or missing
    Skin("td.font01", "tr:has(+ tr td.font01) td.font02", "tr:has(td.font01) + tr td.font02", ".author", ".date", "#ozoom, founder-content"),
)  # fmt: skip
