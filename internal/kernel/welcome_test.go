package kernel_test

import (
	"encoding/json"
	"testing"

	"github.com/go-zeromq/zmq4"

	"github.com/goparallel/goparallel/internal/kernel/frontend"
)

// TestASubscriberIsWelcomedFirst subscribes to a topic while messages are published.
func TestASubscriberIsWelcomedFirst(t *testing.T) {
	info := frontend.Connection(t, "tcp")
	c := startAt(t, info, newFake())
	_, address := info.Address(info.IOPubPort)
	for _, topic := range []string{"", "kernel."} {
		sub := zmq4.NewSub(t.Context())
		defer sub.Close()
		if err := sub.Dial("tcp://" + address); err != nil {
			t.Fatal(err)
		}
		if err := sub.SetOption(zmq4.OptionSubscribe, topic); err != nil {
			t.Fatal(err)
		}
		c.Execute("print a", nil)
		m, err := sub.Recv()
		if err != nil {
			t.Fatal(err)
		}
		var header, parent, content map[string]any
		for i, to := range []*map[string]any{&header, &parent, nil, &content} {
			if to != nil {
				_ = json.Unmarshal(m.Frames[3+i], to)
			}
		}
		if string(m.Frames[0]) != topic || header["msg_type"] != "iopub_welcome" || len(parent) != 0 || content["subscription"] != topic {
			t.Errorf("%q: the first message is %q", topic, m.Frames)
		}
	}
}
