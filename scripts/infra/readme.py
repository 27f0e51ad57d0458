#!/usr/bin/env python3
"""Pictures and tables of the READMEs, from the code: readme.py REPOSITORY PLANS [--write]

PLANS holds `terraform show -json` of each root, as infra-aws_bootstrap.json. Between `<!-- generated: picture -->` or `<!-- generated:
tables -->` and `<!-- end -->` stands what this makes; without --write it fails when something else stands there."""
import json
import pathlib
import re
import sys

repository, plans = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
write = "--write" in sys.argv
stale = []


def modules_of(cloud):
    """Every module's configuration, by its folder."""
    found = {}

    def walk(folder, module):
        found.setdefault(folder, module)
        for call in module.get("module_calls", {}).values():
            walk("modules/" + call["source"].rsplit("/", 1)[-1], call["module"])

    for root in ("bootstrap", "environments/staging", "environments/production"):
        plan = json.loads((plans / f"{cloud}_{root.replace('/', '_')}.json").read_text())
        walk(root, plan["configuration"]["root_module"])
    return found


def references(value):
    """Every reference below an expression."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from (inner if key == "references" else references(inner))
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def parts(module):
    """What a module is made of: name to (label, references). Resources of one kind are one part."""
    found = {}
    for resource in module.get("resources", []):
        if resource["mode"] != "managed":
            continue
        kind = resource["type"]
        label, refs = found.setdefault(kind, (kind.split("_", 1)[1].replace("_", " "), set()))
        refs.update(references({k: v for k, v in resource.items() if k.endswith("expression") or k == "expressions"}))
    for name, call in module.get("module_calls", {}).items():
        kinds = sorted({r["type"].split("_", 1)[1].replace("_", " ") for r in call["module"].get("resources", []) if r["mode"] == "managed"})
        lines = [", ".join(kinds[i:i + 3]) for i in range(0, len(kinds), 3)]
        refs = set(references(call["expressions"])) | set(references({k: v for k, v in call.items() if k.endswith("_expression")}))
        found[f"module.{name}"] = ("<br/>".join([f"<b>{name}</b>", *lines]), refs)
    return found


def picture(module):
    found = parts(module)
    ids = {name: f"n{index}" for index, name in enumerate(sorted(found))}
    lines = ["```mermaid", "flowchart LR"]
    lines += [f'  {ids[name]}["{found[name][0]}"]' for name in sorted(found)]
    for name in sorted(found):
        used = {r if r in ids else ".".join(r.split(".")[:2]) if r.startswith("module.") else r.split(".")[0] for r in found[name][1]}
        lines += [f"  {ids[other]} --> {ids[name]}" for other in sorted(used) if other in ids and other != name]
    return "\n".join([*lines, "```"])


def tables(module):
    text = ""
    if module.get("variables"):
        text += "| input | default | |\n|---|---|---|\n"
        for name, variable in sorted(module["variables"].items()):
            default = f"`{json.dumps(variable['default'])}`" if "default" in variable else "**required**"
            text += f"| `{name}` | {default} | {variable.get('description', '')} |\n"
    if module.get("outputs"):
        text += ("\n" if text else "") + "| output | |\n|---|---|\n"
        for name, output in sorted(module["outputs"].items()):
            text += f"| `{name}` | {output.get('description', '')} |\n"
    return text.strip()


for cloud in ("infra-aws", "infra-gcp"):
    found = modules_of(cloud)
    for readme in sorted((repository / cloud).rglob("README.md")):
        folder = readme.parent.relative_to(repository / cloud).as_posix()
        text = readme.read_text()

        def fill(match):
            what, _, of = match.group(1).partition(" of ")
            module = found[of or folder]
            made = picture(module) if what == "picture" else tables(module)
            return f"<!-- generated: {match.group(1)} -->\n{made}\n<!-- end -->"

        made = re.sub(r"<!-- generated: ([^>]+?) -->\n.*?<!-- end -->", fill, text, flags=re.S)
        if made != text:
            if write:
                readme.write_text(made)
            else:
                stale.append(readme.relative_to(repository).as_posix())
    missing = [f for f in found if f.startswith("modules/") and not (repository / cloud / f / "README.md").exists()]
    stale += [f"{cloud}/{folder}/README.md is missing" for folder in missing]

if stale:
    sys.exit("not as the code says (UPDATE=1 scripts/infra-check readme writes them): " + ", ".join(stale))
print("pictures and tables are as the code says")
