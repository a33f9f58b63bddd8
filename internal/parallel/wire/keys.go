package wire

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"time"
)

// Authority issues the certificates of one cluster: one for its controller and
// one for each engine. Its key never leaves the process that made it.
type Authority struct {
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
}

// Credentials are what an engine needs to connect by TLS: the authority's
// certificate, its own, and its key, each in DER form. Whoever has them can ask for
// a connection, and needs a [Secret] to get it.
type Credentials struct {
	Authority, Certificate, Key []byte
}

// serverName is the name in the controller's certificate. The authority is the
// cluster's own, so a name need not say more.
const serverName = "controller"

// Certificates have no end that matters: they are worth as much as the authority, whose key lives and dies with its cluster, and the clocks of
// machines differ, by hours or, where one has no battery, by decades. The last second is the one that RFC 5280 has for no end.
var (
	firstSecond = time.Unix(0, 0).UTC()
	lastSecond  = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
)

// NewAuthority makes the key and the certificate of a new cluster.
func NewAuthority() (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := certificate("goparallel cluster")
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage = x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParseCertificate(der)
	return &Authority{key, parsed}, err
}

// certificate is what all certificates have in common.
func certificate(name string) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		panic(err) // never: crypto/rand does not fail
	}
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    firstSecond,
		NotAfter:     lastSecond,
	}
}

// Issue makes the credentials of an engine.
func (a *Authority) Issue(name string) (*Credentials, error) {
	return a.issue(name, x509.ExtKeyUsageClientAuth)
}

func (a *Authority) issue(name string, use x509.ExtKeyUsage) (*Credentials, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := certificate(name)
	template.DNSNames = []string{name}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{use}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	return &Credentials{Authority: a.certificate.Raw, Certificate: der, Key: private}, err
}

// server is the controller's side of TLS.
func (a *Authority) server() (*tls.Config, error) {
	mine, err := a.issue(serverName, x509.ExtKeyUsageServerAuth)
	if err != nil {
		return nil, err
	}
	config, err := mine.config()
	if err != nil {
		return nil, err
	}
	config.ClientCAs, config.ClientAuth = config.RootCAs, tls.RequireAndVerifyClientCert
	return config, nil
}

// client is an engine's side of TLS.
func (c *Credentials) client() (*tls.Config, error) {
	config, err := c.config()
	if err == nil {
		config.ServerName = serverName
	}
	return config, err
}

func (c *Credentials) config() (*tls.Config, error) {
	key, err := x509.ParsePKCS8PrivateKey(c.Key)
	if err != nil {
		return nil, fmt.Errorf("the key of this process: %w", err)
	}
	authority, err := x509.ParseCertificate(c.Authority)
	if err != nil {
		return nil, fmt.Errorf("the certificate of the cluster: %w", err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(authority)
	return &tls.Config{
		Certificates:           []tls.Certificate{{Certificate: [][]byte{c.Certificate}, PrivateKey: key}},
		RootCAs:                roots,
		MinVersion:             tls.VersionTLS13,
		SessionTicketsDisabled: true, // each engine connects once
	}, nil
}
