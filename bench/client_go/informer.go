package main

import (
	"encoding/json"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

// What an informer took; times in milliseconds, memory in bytes.
type cost struct {
	Wall  float64 `json:"wall"`
	CPU   float64 `json:"cpu"`
	Peak  int64   `json:"peak"`
	Count int64   `json:"count"`
	// Of the updates alone.
	UpdatesWall float64 `json:"updatesWall,omitempty"`
	UpdatesCPU  float64 `json:"updatesCpu,omitempty"`
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func peakMemory() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for _, line := range strings.Split(string(status), "\n") {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmHWM:" {
			kilobytes, _ := strconv.ParseInt(fields[1], 10, 64)
			return kilobytes * 1024
		}
	}
	return 0
}

// Syncs an informer of pods, and then takes so many updates, whose keys a handler gets.
func informer(server, caFile, contentType string, updates int64) cost {
	config := &rest.Config{Host: server, ContentConfig: rest.ContentConfig{ContentType: contentType}, QPS: -1}
	config.TLSClientConfig.CAFile = caFile
	client := kubernetes.NewForConfigOrDie(config)
	factory := informers.NewSharedInformerFactory(client, 0)
	pods := factory.Core().V1().Pods().Informer()
	var count atomic.Int64
	all := make(chan struct{})
	var keys int
	change := func(object any) {
		key, err := cache.DeletionHandlingMetaNamespaceKeyFunc(object)
		if err != nil {
			panic(err)
		}
		keys += len(key)
		if count.Add(1) == updates {
			close(all)
		}
	}
	if updates > 0 {
		pods.AddEventHandler(cache.ResourceEventHandlerDetailedFuncs{
			AddFunc: func(object any, isInInitialList bool) {
				if !isInInitialList {
					change(object)
				}
			},
			UpdateFunc: func(_, object any) { change(object) },
			DeleteFunc: change,
		})
	}
	stop := make(chan struct{})
	cpuBefore, began := cpuTime(), time.Now()
	factory.Start(stop)
	factory.WaitForCacheSync(stop)
	result := cost{Count: int64(len(pods.GetStore().ListKeys()))}
	if updates > 0 {
		cpuSynced, synced := cpuTime(), time.Now()
		<-all
		result.Count = count.Load()
		result.UpdatesWall = milliseconds(time.Since(synced))
		result.UpdatesCPU = milliseconds(cpuTime() - cpuSynced)
	}
	result.Wall = milliseconds(time.Since(began))
	result.CPU = milliseconds(cpuTime() - cpuBefore)
	result.Peak = peakMemory()
	if _, ok := pods.GetStore().List()[0].(*v1.Pod); !ok {
		panic("these are no pods")
	}
	runtime.KeepAlive(pods)
	return result
}

func milliseconds(duration time.Duration) float64 {
	return float64(duration.Microseconds()) / 1000
}

func print(value any) {
	if err := json.NewEncoder(os.Stdout).Encode(value); err != nil {
		panic(err)
	}
}
