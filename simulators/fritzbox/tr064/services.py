"""What a box offers by TR-064, and how it describes that: services, their actions, and the arguments of those."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from simulators.fritzbox.tr064.soap import UpnpError

PHONE: Final = "phone"
"""The right to voice messages, faxes, the call list and phonebooks."""
MODEL: Final = "FRITZ!Box 7590"
SYSTEM_VERSION: Final = ("226", "154", "8", "02", "115000", "154.08.02")
"""Hardware, major, minor, patch, build and how all of that is shown: FRITZ!OS 8.02."""

Arguments = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Variable:
    """A state variable, which is how UPnP says an argument's type."""

    name: str
    data_type: str


@dataclass(frozen=True, slots=True)
class Action:
    """An action. Its arguments by name."""

    name: str
    run: Callable[[Arguments], Arguments]
    """Gives the results. Raises `UpnpError`."""
    takes: Mapping[str, Variable] = field(default_factory=dict)
    gives: Mapping[str, Variable] = field(default_factory=dict)
    right: str = PHONE
    """That the user needs."""

    def __call__(self, arguments: Arguments) -> Arguments:
        """Run it. A box does not care about the case of an argument's name. Raises `UpnpError`."""
        given = {name.lower(): value for name, value in arguments.items()}
        try:
            return self.run({name: given[name.lower()] for name in self.takes})
        except KeyError:
            raise UpnpError(402) from None


@dataclass(frozen=True, slots=True)
class Service:
    """A service, by the names that TR-064 has for it."""

    name: str
    path: str
    """In the addresses of its description and of its control."""
    actions: Sequence[Action]

    @property
    def type(self) -> str:
        """What a call names."""
        return f"urn:dslforum-org:service:{self.name}:1"

    @property
    def control_url(self) -> str:
        """Where its actions are called."""
        return f"/upnp/control/{self.path}"

    @property
    def description_url(self) -> str:
        """Where it is described."""
        return f"/{self.path}SCPD.xml"


def describe_box(services: Sequence[Service]) -> bytes:
    """`tr64desc.xml`."""
    hardware, major, minor, patch, build, display = SYSTEM_VERSION
    offered = "".join(
        f"<service>\n<serviceType>{service.type}</serviceType>\n"
        f"<serviceId>urn:{service.name}-com:serviceId:{service.name}1</serviceId>\n"
        f"<controlURL>{service.control_url}</controlURL>\n<eventSubURL>{service.control_url}</eventSubURL>\n"
        f"<SCPDURL>{service.description_url}</SCPDURL>\n</service>\n"
        for service in services
    )
    return (
        '<?xml version="1.0"?>\n<root xmlns="urn:dslforum-org:device-1-0">\n'
        "<specVersion>\n<major>1</major>\n<minor>0</minor>\n</specVersion>\n"
        f"<systemVersion>\n<HW>{hardware}</HW>\n<Major>{major}</Major>\n<Minor>{minor}</Minor>\n"
        f"<Patch>{patch}</Patch>\n<Buildnumber>{build}</Buildnumber>\n<Display>{display}</Display>\n</systemVersion>\n"
        "<device>\n<deviceType>urn:dslforum-org:device:InternetGatewayDevice:1</deviceType>\n"
        f"<friendlyName>{MODEL}</friendlyName>\n<manufacturer>AVM</manufacturer>\n"
        f"<manufacturerURL>www.avm.de</manufacturerURL>\n<modelDescription>{MODEL}</modelDescription>\n"
        f"<modelName>{MODEL}</modelName>\n<modelNumber>avm</modelNumber>\n<modelURL>www.avm.de</modelURL>\n"
        "<UDN>uuid:00000000-0000-0000-0000-000000000000</UDN>\n"
        f"<serviceList>\n{offered}</serviceList>\n</device>\n</root>\n"
    ).encode()


def describe_service(service: Service) -> bytes:
    """The service's own description, SCPD."""
    actions = "".join(
        f"<action>\n<name>{action.name}</name>\n<argumentList>\n"
        f"{_arguments(action.takes, 'in')}{_arguments(action.gives, 'out')}</argumentList>\n</action>\n"
        for action in service.actions
    )
    variables = {v: None for action in service.actions for v in (*action.takes.values(), *action.gives.values())}
    table = "".join(
        f'<stateVariable sendEvents="no">\n<name>{variable.name}</name>\n'
        f"<dataType>{variable.data_type}</dataType>\n</stateVariable>\n"
        for variable in variables
    )
    return (
        '<?xml version="1.0"?>\n<scpd xmlns="urn:dslforum-org:service-1-0">\n'
        "<specVersion>\n<major>1</major>\n<minor>0</minor>\n</specVersion>\n"
        f"<actionList>\n{actions}</actionList>\n<serviceStateTable>\n{table}</serviceStateTable>\n</scpd>\n"
    ).encode()


def _arguments(arguments: Mapping[str, Variable], direction: str) -> str:
    return "".join(
        f"<argument>\n<name>{name}</name>\n<direction>{direction}</direction>\n"
        f"<relatedStateVariable>{variable.name}</relatedStateVariable>\n</argument>\n"
        for name, variable in arguments.items()
    )
