#!/bin/sh
# Makes the certificates and keys of this folder anew. Needs openssl 3, nothing else.
#
# Run: tests/certificates/make.sh
#
# All are valid from 2020 to 2120, but for expired.pem, which ended with 2020. The keys of the authorities are
# thrown away at the end, so nobody can sign anything further with them: to add a certificate, add a line here and
# make all of them anew.
set -eu
cd "$(dirname "$0")"
home=$(pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -f ./*.pem
cd "$work"

# `openssl ca` and not `openssl x509`: only it can set the first day, and a fixed one suits every machine's clock.
cat > openssl.cnf <<'END'
[ca]
default_ca = authority
[authority]
database = index.txt
new_certs_dir = .
default_md = sha256
policy = any_name
rand_serial = yes
unique_subject = no
[any_name]
commonName = supplied
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = $ENV::NAMES
[client]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
END
: > index.txt
export NAMES=DNS:unused.test # openssl wants it set, also when no server's certificate is made
UNTIL=21200101000000Z

ec_key() { openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"; }
rsa_key() { openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$1.key"; }

# sign NAME COMMON_NAME EXTENSIONS [OPTION …]: signs NAME.key's certificate, with the CA unless options say otherwise.
sign() {
  name=$1 common_name=$2 extensions=$3
  shift 3
  [ $# -gt 0 ] || set -- -cert ca.pem -keyfile ca.key
  openssl req -new -key "$name.key" -subj "/CN=$common_name" -out "$name.csr"
  openssl ca -config openssl.cnf -batch -notext -in "$name.csr" -out "$name.pem" -extensions "$extensions" \
    -startdate 20200101000000Z -enddate "$UNTIL" "$@" 2> log || { cat log >&2; exit 1; }
}

# Authorities: one that the tests trust, and one that they do not.
ec_key ca
sign ca "Coxswain test CA" root -selfsign -keyfile ca.key
ec_key other-ca
sign other-ca "Coxswain other test CA" root -selfsign -keyfile other-ca.key

# Servers.
export NAMES=DNS:localhost,IP:127.0.0.1,IP:::1
ec_key server
sign server localhost server
ec_key expired
UNTIL=20210101000000Z
sign expired localhost server
UNTIL=21200101000000Z
export NAMES=DNS:api.coxswain.test
ec_key named
sign named api.coxswain.test server

# Clients: each kind of key in each form that a kubeconfig may hold. Their names say which.
for kind in ec-sec1 ec-pkcs8 rsa-pkcs1 rsa-pkcs8; do
  "${kind%-*}_key" "$kind"
  sign "$kind" "$kind" client
done
openssl ec -in ec-sec1.key -out ec-sec1.key 2> log
openssl rsa -in rsa-pkcs1.key -traditional -out rsa-pkcs1.key 2> log

for name in ca other-ca server expired named ec-sec1 ec-pkcs8 rsa-pkcs1 rsa-pkcs8; do cp "$name.pem" "$home/"; done
for name in server expired named ec-sec1 ec-pkcs8 rsa-pkcs1 rsa-pkcs8; do cp "$name.key" "$home/$name-key.pem"; done

# Keys alone, of sizes that sign with other hashes.
for bits in 3072 4096; do
  openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:$bits -out "$home/rsa-$bits-key.pem"
done
