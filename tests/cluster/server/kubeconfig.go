package main

import (
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// writeKubeconfig returns the path of a file with one context for each way in:
//
//	admin            client certificate of the group system:masters; certificate and key are files, named
//	                 relative to the kubeconfig (current-context)
//	token            static token of the group system:masters
//	reader           static token of a user who may get, list and watch pods in the namespace default
//	embedded         as admin, with everything inside the kubeconfig (base64)
//	service-account  token of the ServiceAccount default/tester, bound to cluster-admin, in a token file
//	expired          client certificate that ended an hour ago: 401
//	wrong-ca         as admin, with a CA that did not sign the server's certificate: the handshake fails
//
// The user of a context has the context's name.
func writeKubeconfig(files directory, server string, id identities, serviceAccountToken string) (string, error) {
	const tokenFile = "service-account.token"
	if err := files.write(tokenFile, []byte(serviceAccountToken)); err != nil {
		return "", err
	}

	config := api.NewConfig()
	config.Clusters = map[string]*api.Cluster{
		"cluster":  {Server: server, CertificateAuthority: "ca.crt"},
		"embedded": {Server: server, CertificateAuthorityData: id.ca},
		"wrong-ca": {Server: server, CertificateAuthority: "wrong-ca.crt"},
	}
	admin := &api.AuthInfo{ClientCertificate: "admin.crt", ClientKey: "admin.key"}
	config.AuthInfos = map[string]*api.AuthInfo{
		"admin":           admin,
		"token":           {Token: id.adminToken},
		"reader":          {Token: id.readerToken},
		"embedded":        {ClientCertificateData: id.admin.cert, ClientKeyData: id.admin.key},
		"service-account": {TokenFile: tokenFile},
		"expired":         {ClientCertificate: "expired.crt", ClientKey: "expired.key"},
		"wrong-ca":        admin,
	}
	for name := range config.AuthInfos {
		cluster := "cluster"
		if _, own := config.Clusters[name]; own {
			cluster = name
		}
		config.Contexts[name] = &api.Context{Cluster: cluster, AuthInfo: name}
	}
	config.CurrentContext = "admin"

	path := files.path("kubeconfig")
	return path, clientcmd.WriteToFile(*config, path)
}
