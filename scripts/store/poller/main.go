// Command poller asks peers with the store's own poller, the one behind CreateQueue. It reads a JSON array of addresses
// from standard input and writes a JSON array of what the poller says of each. It is built inside a checkout of the store,
// with the versions that the store itself is built with.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"time"

	"github.com/bootjp/elastickv/adapter"
)

type verdict struct {
	Passes bool   `json:"passes"`
	Error  string `json:"error"`
}

func main() {
	var peers []string
	if err := json.NewDecoder(os.Stdin).Decode(&peers); err != nil {
		log.Fatal(err)
	}
	config := adapter.PollerConfig{PerPeerTimeout: 2 * time.Second}
	report := adapter.PollSQSHTFIFOCapability(context.Background(), peers, config)
	verdicts := make([]verdict, 0, len(report.Peers))
	for _, peer := range report.Peers {
		verdicts = append(verdicts, verdict{Passes: peer.HasHTFIFO, Error: peer.Error})
	}
	if err := json.NewEncoder(os.Stdout).Encode(verdicts); err != nil {
		log.Fatal(err)
	}
}
