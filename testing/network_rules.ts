import { dnsLabelProblems, dnsSubdomainProblems, labelKeyProblems, patternProblem } from "../meta/mod.ts";
import type { Field } from "./field.ts";
import { PROTOCOLS } from "./pod_rules.ts";
import { labelSelector, pathSegment, portName, portNumber } from "./text_rules.ts";

const PATH_TYPES = ["Exact", "ImplementationSpecific", "Prefix"];
const NOT_IN_PATHS = ["//", "/./", "/../", "%2f", "%2F"];
const NOT_AT_THE_END = ["/..", "/."];

export function ingressRules(object: Field): void {
  const spec = object.at("spec");
  const [rules, backend] = [spec.at("rules"), spec.at("defaultBackend")];
  if (!rules.isSet && !backend.exists) {
    spec.reject("either `defaultBackend` or `rules` must be specified", rules.value ?? null);
  }
  if (backend.exists) ingressBackend(backend);
  for (const rule of rules.items) {
    host(rule.at("host"));
    const http = rule.at("http");
    if (!http.exists) continue;
    http.at("paths").needed();
    for (const path of http.at("paths").items) ingressPath(path);
  }
  for (const tls of spec.at("tls").items) {
    for (const name of tls.at("hosts").items) host(name);
    tls.at("secretName").keeps(dnsSubdomainProblems);
  }
  spec.at("ingressClassName").keeps(dnsSubdomainProblems);
}

function host(field: Field): void {
  const { text } = field;
  if (/^\d+\.\d+\.\d+\.\d+$/.test(text)) field.reject("must be a DNS name, not an IP address");
  if (!text.includes("*")) return field.keeps(dnsSubdomainProblems);
  if (text.startsWith("*.") && dnsSubdomainProblems(text.slice(2)).length === 0) return;
  const pattern = "\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
  const rule =
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character";
  field.reject(patternProblem(rule, pattern, "*.example.com"));
}

function ingressPath(field: Field): void {
  const [type, path] = [field.at("pathType"), field.at("path")];
  if (!type.exists) return type.demand("pathType must be specified");
  if (type.text === "Exact" || type.text === "Prefix") {
    if (!path.text.startsWith("/")) path.reject("must be an absolute path", path.text);
    for (const part of NOT_IN_PATHS) if (path.text.includes(part)) path.reject(`must not contain '${part}'`);
    for (const end of NOT_AT_THE_END) if (path.text.endsWith(end)) path.reject(`cannot end with '${end}'`);
  } else if (type.text !== "ImplementationSpecific") type.refuse(PATH_TYPES);
  else if (path.isSet && !path.text.startsWith("/")) path.reject("must be an absolute path");
  ingressBackend(field.at("backend"));
}

function ingressBackend(backend: Field): void {
  const [resource, service] = [backend.at("resource"), backend.at("service")];
  if (resource.exists && service.exists) {
    return backend.reject("cannot set both resource and service backends", "");
  }
  if (resource.exists) {
    resource.at("kind").needs(pathSegment);
    resource.at("name").needs(pathSegment);
  } else if (service.exists) {
    service.at("name").needs(dnsLabelProblems);
    const [name, number] = [service.at("port", "name"), service.at("port", "number")];
    if (name.isSet && number.isSet) backend.reject("cannot set both port name & port number", "");
    else if (name.isSet) name.keeps(portName);
    else if (number.isSet) portNumber(number);
    else backend.demand("port name or number is required");
  } else backend.reject("resource or service backend is required", "");
}

export function ingressClassRules(object: Field, old: Field | undefined): void {
  const controller = object.at("spec", "controller");
  if (old !== undefined) controller.immutable(old.at("spec", "controller"));
  if (controller.text.length > 250) controller.tooLong(250);
  if (!controller.isSet) controller.demand();
  else if (!/^[^/]+\/.+$/.test(controller.text)) {
    controller.reject('must be a domain-prefixed path (such as "acme.io/foo")');
  }
}

export function networkPolicyRules(object: Field): void {
  const spec = object.at("spec");
  labelSelector(spec.at("podSelector"));
  for (const [direction, peers] of [["ingress", "from"], ["egress", "to"]]) {
    for (const rule of spec.at(direction).items) {
      for (const port of rule.at("ports").items) networkPort(port);
      for (const peer of rule.at(peers).items) networkPeer(peer);
    }
  }
  const types = spec.at("policyTypes");
  if (types.list.length > 2) return types.reject("may not specify more than two policyTypes");
  for (const type of types.items) type.maybeOneOf("Ingress", "Egress");
}

function networkPort(field: Field): void {
  field.at("protocol").maybeOneOf("TCP", "UDP", "SCTP");
  const [port, end] = [field.at("port"), field.at("endPort")];
  if (!port.exists) {
    if (end.exists) end.reject("may not be specified when `port` is not specified");
  } else if (typeof port.value === "number") {
    portNumber(port);
    if (!end.exists) return;
    if (end.number < port.number) end.reject("must be greater than or equal to `port`", port.number);
    portNumber(end);
  } else {
    if (end.exists) end.reject("may not be specified when `port` is non-numeric");
    for (const problem of portName(port.text)) port.reject(problem);
  }
}

function networkPeer(peer: Field): void {
  const [pods, namespaces, block] = [
    peer.at("podSelector"),
    peer.at("namespaceSelector"),
    peer.at("ipBlock"),
  ];
  if (pods.exists) labelSelector(pods);
  if (namespaces.exists) labelSelector(namespaces);
  if (block.exists) {
    const cidr = block.at("cidr");
    if (cidr.needed() && !/^[\da-fA-F.:]+\/\d+$/.test(cidr.text)) {
      cidr.reject("must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
    }
  }
  const both = block.exists && (pods.exists || namespaces.exists);
  if (both) peer.forbid("may not specify both ipBlock and another peer");
  if (!block.exists && !pods.exists && !namespaces.exists) peer.demand("must specify a peer");
}

export function endpointSliceRules(object: Field, old: Field | undefined): void {
  const type = object.at("addressType");
  type.oneOf("FQDN", "IPv4", "IPv6");
  const names = new Set<string>();
  for (const port of object.at("ports").items) {
    port.at("name").keeps(dnsLabelProblems);
    if (names.has(port.at("name").text)) port.at("name").duplicate();
    names.add(port.at("name").text);
    port.at("protocol").oneOf(...PROTOCOLS);
    port.at("appProtocol").keeps(labelKeyProblems);
  }
  for (const endpoint of object.at("endpoints").items) {
    const addresses = endpoint.at("addresses");
    if (!addresses.isSet) addresses.demand("must contain at least 1 address");
    else if (addresses.list.length > 100) addresses.tooMany(100);
    for (const address of addresses.items) {
      const isIp = /^(\d{1,3}\.){3}\d{1,3}$/.test(address.text) || address.text.includes(":");
      if (type.text.startsWith("IP") && !isIp) {
        address.reject("must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
      } else if (type.text === "IPv4" && address.text.includes(":")) {
        addresses.reject("must be an IPv4 address", address.text);
      }
    }
    endpoint.at("nodeName").keeps(dnsSubdomainProblems);
    endpoint.at("hostname").keeps(dnsLabelProblems);
  }
  if (old !== undefined) type.immutable(old.at("addressType"));
}
