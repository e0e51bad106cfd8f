// What client-go takes for the work of the benchmarks.
//
// Run: go run . queue 1000000      (or: delays) prints how long client-go's queues took, in milliseconds
//
//	go run . serve URL CA CERT KEY EVENTS      serves in Protobuf what bench/server.ts has; empty files for no TLS
//	go run . informer URL CA application/json UPDATES      prints what an informer took
package main

import (
	"fmt"
	"os"
	"strconv"
	"time"

	"k8s.io/client-go/util/workqueue"
)

func main() {
	switch arguments := os.Args[2:]; os.Args[1] {
	case "serve":
		events, _ := strconv.Atoi(arguments[4])
		serve(arguments[0], arguments[1], arguments[2], arguments[3], events)
		return
	case "informer":
		updates, _ := strconv.ParseInt(arguments[3], 10, 64)
		print(informer(arguments[0], arguments[1], arguments[2], updates))
		return
	}
	count, err := strconv.Atoi(os.Args[2])
	if err != nil {
		panic(err)
	}
	keys := make([]string, count)
	for index := range keys {
		keys[index] = fmt.Sprintf("namespace-%d/pod-%d", index%100, index)
	}
	began := time.Now()
	switch os.Args[1] {
	case "queue":
		queue := workqueue.NewTyped[string]()
		for _, key := range keys {
			queue.Add(key)
		}
		for range keys {
			key, _ := queue.Get()
			queue.Done(key)
		}
	case "delays":
		queue := workqueue.NewTypedDelayingQueue[string]()
		for index, key := range keys {
			queue.AddAfter(key, time.Hour+time.Duration(index*7919%1000)*time.Millisecond)
		}
	}
	fmt.Println(float64(time.Since(began).Microseconds()) / 1000)
}
