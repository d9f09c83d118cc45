"""The software bill of materials, made of the lock files: `make sbom` writes it to dist/ as CycloneDX 1.6.

Nothing is asked of anybody, and the same lock files give the same bytes.
"""

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from tests.locks import ROOT, Locked, locked, plain_name, project

NAME = "baotong.cdx.json"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:baotong:sbom")


def bill(locks: Mapping[str, Iterable[Locked]], declared: Mapping[str, Any]) -> dict[str, Any]:
    """The bill as plain data. Whoever needs only `baotong run` needs what is `required`; `optional` come with
    an extra; what is `excluded` is for building, tests and benchmarks.
    """
    found = {one.purl: one for lock in locks.values() for one in lock}
    ours = declared["project"]
    needs = _needs(locks)
    direct = [plain_name(one) for one in ours["dependencies"]]
    extras = [plain_name(one) for some in ours["optional-dependencies"].values() for one in some]
    optional = dict.fromkeys(_reached(extras, needs), "optional")
    scopes = optional | dict.fromkeys(_reached(direct, needs), "required")
    made = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": _ourselves(ours)},
        "components": [_component(found[purl], scopes, locks) for purl in sorted(found)],
        "dependencies": list(_graph(found, {**needs, "baotong": {*direct, *extras}})),
    }
    serial = uuid.uuid5(_NAMESPACE, json.dumps(made, sort_keys=True))
    return {**made, "serialNumber": f"urn:uuid:{serial}"}


def _graph(
    found: Mapping[str, Locked], needs: Mapping[str, Iterable[str]]
) -> Iterator[dict[str, Any]]:
    """Who needs whom. Where a package has two versions, each for some Pythons, both are named."""
    named: dict[str, list[str]] = {}
    for one in found.values():
        named.setdefault(one.name, []).append(one.purl)
    for ref in ("baotong", *sorted(found)):
        name = found[ref].name if ref in found else ref
        purls = {purl for needed in needs.get(name, ()) for purl in named.get(needed, ())}
        yield {"ref": ref, "dependsOn": sorted(purls)}


def _needs(locks: Mapping[str, Iterable[Locked]]) -> dict[str, set[str]]:
    """By a package's name those that it needs."""
    needs: dict[str, set[str]] = {}
    for lock in locks.values():
        for one in lock:
            for parent in one.via:
                needs.setdefault(parent, set()).add(one.name)
    return needs


def _reached(names: Iterable[str], needs: Mapping[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    ahead = list(names)
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached.add(name)
            ahead += needs.get(name, ())
    return reached


def _ourselves(ours: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "application",
        "bom-ref": "baotong",
        "name": ours["name"],
        "version": ours["version"],
        "description": ours["description"],
        "licenses": [{"license": {"id": ours["license"]}}],
    }


def _component(
    one: Locked, scopes: Mapping[str, str], locks: Mapping[str, Iterable[Locked]]
) -> dict[str, Any]:
    stands_in = [name for name, lock in locks.items() if any(one.purl == its.purl for its in lock)]
    told = [("baotong:lock", name) for name in stands_in]
    if one.marker:
        told.append(("baotong:marker", one.marker))
    return {
        "type": "library",
        "bom-ref": one.purl,
        "name": one.name,
        "version": one.version,
        "purl": one.purl,
        "scope": scopes.get(one.name, "excluded"),
        "externalReferences": [
            {
                "type": "distribution",
                "url": f"https://pypi.org/project/{one.name}/{one.version}/#files",
                "comment": "the files that the lock file allows",
                "hashes": [{"alg": "SHA-256", "content": digest} for digest in one.hashes],
            }
        ],
        "properties": [{"name": name, "value": value} for name, value in told],
    }


def write(folder: Path, root: Path = ROOT) -> Path:
    """Writes the bill of this checkout into a folder, and says where."""
    made = bill(locked(root), project(root))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / NAME
    path.write_text(json.dumps(made, ensure_ascii=False, indent=2) + "\n", "utf-8")
    return path


if __name__ == "__main__":
    path = write(ROOT / "dist")
    click.echo(
        f"{path.relative_to(ROOT)}: {len(json.loads(path.read_text())['components'])} packages"
    )
