package parallel

import (
	"fmt"
	"slices"
	"sync"
)

// tags are what engines were called by what they have.
type tags struct {
	sync.Mutex
	engines map[string][]int
}

// Tag says that engines have something that others lack, such as "gpu" or "much memory": [Client.Tagged] finds them by it. An
// engine keeps its tags when its process is started again. It is an error if there is no engine of a number.
func (rc *Client) Tag(tag string, engines ...int) error {
	for _, id := range engines {
		if id < 0 || id >= rc.cluster.Size() && !slices.Contains(rc.IDs(), id) {
			return fmt.Errorf("there is no engine %d to be tagged %q", id, tag)
		}
	}
	rc.tags.Lock()
	defer rc.tags.Unlock()
	if rc.tags.engines == nil {
		rc.tags.engines = map[string][]int{}
	}
	all := append(rc.tags.engines[tag], engines...)
	slices.Sort(all)
	rc.tags.engines[tag] = slices.Compact(all)
	return nil
}

// Tagged returns the numbers of the engines that have all of these tags, in ascending order, for a view of them:
//
//	rc.LoadBalanced(rc.Tagged("gpu")...)
//
// A view of none, because no engine has the tags, gives an error with each call.
func (rc *Client) Tagged(tags ...string) []int {
	rc.tags.Lock()
	defer rc.tags.Unlock()
	ids := []int{}
	for i, tag := range tags {
		if i == 0 {
			ids = append(ids, rc.tags.engines[tag]...)
		}
		ids = slices.DeleteFunc(ids, func(id int) bool { return !slices.Contains(rc.tags.engines[tag], id) })
	}
	return ids
}
