package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"time"

	v1 "k8s.io/api/core/v1"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

// informerCommand makes this program a shared informer of ConfigMaps, for tests of servers.
const informerCommand = "informer"

// runInformer watches the ConfigMaps of the cluster that a kubeconfig leads to. It prints each change, and for each line
// on stdin all that is in its cache; it ends with stdin. Features are switched as in WatchListClient=false.
func runInformer(kubeconfig string, features ...string) error {
	for _, feature := range features {
		// Of the API server in this program, which has taken those of client-go over.
		if err := utilfeature.DefaultMutableFeatureGate.Set(feature); err != nil {
			return err
		}
	}
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	informer := factory.Core().V1().ConfigMaps().Informer()
	lines := make(chan string)
	change := func(kind string) func(any) {
		return func(object any) {
			if gone, ok := object.(cache.DeletedFinalStateUnknown); ok {
				object = gone.Obj
			}
			lines <- kind + " " + stateOf(object.(*v1.ConfigMap))
		}
	}
	updated := change("UPDATED")
	_, err = informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    change("ADDED"),
		UpdateFunc: func(_, object any) { updated(object) },
		DeleteFunc: change("DELETED"),
	})
	if err != nil {
		return err
	}
	stop := make(chan struct{})
	factory.Start(stop)
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		for input := bufio.NewScanner(os.Stdin); input.Scan(); {
			asked <- struct{}{}
		}
	}()
	synced := time.NewTicker(time.Millisecond)
	defer synced.Stop()
	for {
		select {
		case <-synced.C:
			if informer.HasSynced() {
				fmt.Println("SYNCED")
				synced.Stop()
			}
		case line := <-lines:
			fmt.Println(line)
		case _, isOpen := <-asked:
			if !isOpen {
				return nil
			}
			states := []string{}
			for _, object := range informer.GetStore().List() {
				states = append(states, stateOf(object.(*v1.ConfigMap)))
			}
			sort.Strings(states)
			text, err := json.Marshal(states)
			if err != nil {
				return err
			}
			fmt.Printf("CACHE %s\n", text)
		}
	}
}

// stateOf says which object it is, and what is in it.
func stateOf(object *v1.ConfigMap) string {
	return fmt.Sprintf("%s/%s %s %s %s", object.Namespace, object.Name, object.UID, object.ResourceVersion, object.Data["at"])
}
