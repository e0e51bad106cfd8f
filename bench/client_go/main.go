// The queue benchmarks with client-go's own queues. Prints how long the work took, in milliseconds.
//
// Run: go run . queue 1000000      (or: delays)
package main

import (
	"fmt"
	"os"
	"strconv"
	"time"

	"k8s.io/client-go/util/workqueue"
)

func main() {
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
