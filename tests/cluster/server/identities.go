package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

// identities are who the server is and whom it knows. Certificates and keys also lie in the directory as
// NAME.crt and NAME.key, PEM-encoded.
type identities struct {
	ca          []byte // signed the server's certificate and those of its clients
	wrongCA     []byte // signed nothing here
	admin       keyPair
	expired     keyPair // an admin until an hour ago
	adminToken  string
	readerToken string
}

type keyPair struct{ cert, key []byte }

const (
	adminGroup = "system:masters" // may do everything, by RBAC's own rules
	adminUser  = "admin"
	readerUser = "reader"

	// A test run takes minutes; a day forgives one that is stopped in a debugger.
	lifetime = 24 * time.Hour
)

// createIdentities makes new ones on each start: no secret outlives its directory.
func createIdentities(files directory) (identities, error) {
	var id identities
	ca, err := newAuthority("coxswain-test-ca")
	if err != nil {
		return id, err
	}
	wrongCA, err := newAuthority("coxswain-wrong-ca")
	if err != nil {
		return id, err
	}
	id.ca, id.wrongCA = ca.pem, wrongCA.pem

	now := time.Now()
	valid := certificate{notBefore: now.Add(-time.Hour), notAfter: now.Add(lifetime)}
	ended := certificate{notBefore: now.Add(-lifetime), notAfter: now.Add(-time.Hour)}
	pairs := map[string]keyPair{}
	for name, template := range map[string]certificate{
		"apiserver": valid.server("kube-apiserver", "localhost", "kubernetes", "kubernetes.default.svc"),
		"etcd":      valid.server("etcd"),
		"kubelet":   valid.server("system:node:" + nodeName),
		"admin":     valid.client(adminUser, adminGroup),
		"expired":   ended.client(adminUser, adminGroup),
		// What kube-apiserver shows to etcd and to the kubelet, as they let nobody else in.
		"apiserver-client": valid.client("kube-apiserver", adminGroup),
	} {
		pair, err := ca.issue(template)
		if err != nil {
			return id, fmt.Errorf("%s: %w", name, err)
		}
		if err := files.write(name+".crt", pair.cert); err != nil {
			return id, err
		}
		if err := files.write(name+".key", pair.key); err != nil {
			return id, err
		}
		pairs[name] = pair
	}
	id.admin, id.expired = pairs["admin"], pairs["expired"]

	_, serviceAccountKey, err := newKey()
	if err != nil {
		return id, err
	}
	id.adminToken, id.readerToken = randomToken(), randomToken()
	for name, content := range map[string][]byte{
		"ca.crt":              id.ca,
		"ca.key":              ca.keyPEM, // for tests that sign certificates themselves
		"wrong-ca.crt":        id.wrongCA,
		"service-account.key": serviceAccountKey,
		"tokens.csv": fmt.Appendf(nil, "%s,%s-by-token,1,%q\n%s,%s,2\n",
			id.adminToken, adminUser, adminGroup, id.readerToken, readerUser),
	} {
		if err := files.write(name, content); err != nil {
			return id, err
		}
	}
	return id, nil
}

// certificate is what differs from one to the next.
type certificate struct {
	notBefore, notAfter time.Time
	subject             pkix.Name
	usage               x509.ExtKeyUsage
	dnsNames            []string
	addresses           []net.IP
}

func (c certificate) server(name string, dnsNames ...string) certificate {
	c.subject = pkix.Name{CommonName: name}
	c.usage = x509.ExtKeyUsageServerAuth
	c.dnsNames = dnsNames
	c.addresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	return c
}

func (c certificate) client(user string, groups ...string) certificate {
	c.subject = pkix.Name{CommonName: user, Organization: groups}
	c.usage = x509.ExtKeyUsageClientAuth
	return c
}

// authority is a certificate authority that signs with its root.
type authority struct {
	cert *x509.Certificate
	pem  []byte
	key  *ecdsa.PrivateKey
	// keyPEM is key, PEM-encoded.
	keyPEM []byte
}

func newAuthority(name string) (*authority, error) {
	key, keyPEM, err := newKey()
	if err != nil {
		return nil, err
	}
	serial, err := newSerial()
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             time.Now().Add(-2 * lifetime), // before that of the expired certificate
		NotAfter:              time.Now().Add(lifetime),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &authority{cert: cert, pem: encodePEM("CERTIFICATE", der), key: key, keyPEM: keyPEM}, nil
}

func (a *authority) issue(c certificate) (keyPair, error) {
	key, keyPEM, err := newKey()
	if err != nil {
		return keyPair{}, err
	}
	serial, err := newSerial()
	if err != nil {
		return keyPair{}, err
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: serial,
		Subject:      c.subject,
		NotBefore:    c.notBefore,
		NotAfter:     c.notAfter,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{c.usage},
		DNSNames:     c.dnsNames,
		IPAddresses:  c.addresses,
	}, a.cert, key.Public(), a.key)
	if err != nil {
		return keyPair{}, err
	}
	return keyPair{cert: encodePEM("CERTIFICATE", der), key: keyPEM}, nil
}

func newKey() (*ecdsa.PrivateKey, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	return key, encodePEM("EC PRIVATE KEY", der), nil
}

// newSerial is random because TLS clients may refuse two certificates of one issuer and serial.
func newSerial() (*big.Int, error) {
	return rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
}

func encodePEM(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func randomToken() string {
	random := make([]byte, 16)
	rand.Read(random) // never fails
	return hex.EncodeToString(random)
}
