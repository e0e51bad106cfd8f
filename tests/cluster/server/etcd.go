package main

import (
	"context"
	"fmt"
	"net/url"
	"strconv"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/client/pkg/v3/transport"
	"go.etcd.io/etcd/server/v3/embed"
)

// compactRevisionKey is where API servers tell each other the revision that etcd was compacted to.
const compactRevisionKey = "compact_rev_key"

type etcd struct {
	*embed.Etcd
	url string
}

func startEtcd(ctx context.Context, files directory) (*etcd, error) {
	// Port 0: the system picks one that is free, and nobody can take it in between.
	anyPort := []url.URL{{Scheme: "https", Host: "127.0.0.1:0"}}
	config := embed.NewConfig()
	config.Dir = files.path("etcd")
	config.LogLevel = "warn"
	config.LogOutputs = []string{files.path("etcd.log")}
	config.UnsafeNoFsync = true // the data does not outlive the run, so it need not outlive a power cut
	config.EnableGRPCGateway = false
	config.ListenClientUrls, config.AdvertiseClientUrls = anyPort, anyPort
	config.ListenPeerUrls = nil // it has no peers; what it advertises to them only names it
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	config.ClientTLSInfo = transport.TLSInfo{
		CertFile:       files.path("etcd.crt"),
		KeyFile:        files.path("etcd.key"),
		TrustedCAFile:  files.path("ca.crt"),
		ClientCertAuth: true,
	}
	server, err := embed.StartEtcd(config)
	if err != nil {
		return nil, err
	}
	select {
	case <-server.Server.ReadyNotify():
	case err := <-server.Err():
		server.Close()
		return nil, err
	case <-ctx.Done():
		server.Close()
		return nil, ctx.Err()
	}
	return &etcd{Etcd: server, url: "https://" + server.Clients[0].Addr().String()}, nil
}

// compact forgets every revision before the one it returns, so that no resourceVersion handed out so far is good for
// an exact list, a next page or a watch. It does what an API server does every five minutes (ours is told not to): note
// the revision under a key, then compact. API servers follow that key, see controlHandler.
func (e *etcd) compact(ctx context.Context) (int64, error) {
	var revision int64
	// Twice, as a watch from the last revision begins at the one after it, and that has to be gone too.
	for range 2 {
		noted, err := e.Server.Put(ctx, &etcdserverpb.PutRequest{
			Key:   []byte(compactRevisionKey),
			Value: []byte(strconv.FormatInt(e.Server.KV().Rev()+1, 10)),
		})
		if err != nil {
			return 0, fmt.Errorf("noting the revision: %w", err)
		}
		revision = noted.Header.Revision
	}
	_, err := e.Server.Compact(ctx, &etcdserverpb.CompactionRequest{Revision: revision, Physical: true})
	return revision, err
}
