package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/goparallel/goparallel/parallel"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	problem "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
)

// job is a [parallel.Allocation].
type job struct {
	Launcher
	name  string
	nodes int

	mu   sync.Mutex
	seen map[int]bool // indexes that have had a pod
}

// resource is a kind of objects in the job's namespace.
func (l *Launcher) resource(kind schema.GroupVersionResource) dynamic.ResourceInterface {
	return l.Client.Resource(kind).Namespace(l.Namespace)
}

// pods lists the job's pods by index, the newest of each.
func (j *job) pods(ctx context.Context) (map[int]*core.Pod, error) {
	list, err := j.resource(pods).List(ctx, meta.ListOptions{LabelSelector: label + "=" + j.name})
	if err != nil {
		return nil, err
	}
	byIndex := map[int]*core.Pod{}
	for i := range list.Items {
		var p core.Pod
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(list.Items[i].Object, &p); err != nil {
			return nil, err
		}
		index, err := strconv.Atoi(p.Annotations[batch.JobCompletionIndexAnnotation])
		if err != nil || index < 0 || index >= j.nodes {
			continue // somebody else's, with our label
		}
		if other := byIndex[index]; other == nil || other.CreationTimestamp.Before(&p.CreationTimestamp) {
			byIndex[index] = &p
		}
	}
	return byIndex, nil
}

// Poll says what Kubernetes says of each pod, and of the job where it has none.
func (j *job) Poll(ctx context.Context) ([]parallel.NodeState, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	byIndex, err := j.pods(ctx)
	if err != nil {
		return nil, err
	}
	states := make([]parallel.NodeState, j.nodes)
	missing := parallel.NodeState{}
	if len(byIndex) < j.nodes {
		if missing, err = j.withoutPod(ctx); err != nil {
			return nil, err
		}
	}
	for i := range states {
		switch p := byIndex[i]; {
		case p != nil:
			j.seen[i] = true
			states[i] = stateOf(p)
		case j.seen[i]:
			states[i] = parallel.NodeState{Phase: parallel.NodeEnded, Reason: "its pod was deleted"}
		default:
			states[i] = missing
		}
		if states[i].Name == "" {
			states[i].Name = fmt.Sprintf("pod %s-%d", j.name, i)
		}
	}
	return states, nil
}

// withoutPod says why an index has no pod: the job has ended, or its pods are refused, as by a quota, which only its events say.
func (j *job) withoutPod(ctx context.Context) (s parallel.NodeState, err error) {
	u, err := j.resource(jobs).Get(ctx, j.name, meta.GetOptions{})
	if problem.IsNotFound(err) {
		return parallel.NodeState{Phase: parallel.NodeEnded, Reason: "its job was deleted"}, nil
	}
	var b batch.Job
	if err == nil {
		err = runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, &b)
	}
	if err != nil {
		return s, err
	}
	for _, c := range b.Status.Conditions {
		if c.Status == core.ConditionTrue && (c.Type == batch.JobFailed || c.Type == batch.JobFailureTarget || c.Type == batch.JobComplete) {
			return parallel.NodeState{Phase: parallel.NodeEnded, Reason: said(c.Reason, c.Message)}, nil
		}
	}
	s = parallel.NodeState{Phase: parallel.NodePending, Reason: "no pod yet"}
	list, err := j.resource(events).List(ctx, meta.ListOptions{FieldSelector: "involvedObject.name=" + j.name})
	if err != nil {
		return s, nil // they are only the reason, and the account may not see them
	}
	slices.SortStableFunc(list.Items, func(a, b unstructured.Unstructured) int { return strings.Compare(lastSeen(a), lastSeen(b)) })
	for _, each := range list.Items {
		var e core.Event
		if runtime.DefaultUnstructuredConverter.FromUnstructured(each.Object, &e) == nil && e.InvolvedObject.Name == j.name && e.Type == core.EventTypeWarning {
			s.Reason = said(e.Reason, e.Message)
		}
	}
	return s, nil
}

// lastSeen orders events.
func lastSeen(u unstructured.Unstructured) string {
	at, _, _ := unstructured.NestedString(u.Object, "lastTimestamp")
	return at
}

// said is a reason with what explains it.
func said(reason, message string) string {
	if message == "" {
		return reason
	}
	return reason + " (" + message + ")"
}

// final are reasons for which a container never starts.
var final = []string{"InvalidImageName", "ErrImageNeverPull"}

// stateOf says how far a pod has come.
func stateOf(p *core.Pod) parallel.NodeState {
	s := parallel.NodeState{Name: "pod " + p.Name, Where: p.Spec.NodeName, Reason: string(p.Status.Phase)}
	if p.Status.Reason != "" {
		s.Reason = said(p.Status.Reason, p.Status.Message) // Evicted
	}
	switch p.Status.Phase {
	case core.PodPending, "":
		s.Phase = parallel.NodePending
	case core.PodRunning:
		s.Phase = parallel.NodeRunning
	case core.PodSucceeded, core.PodFailed:
		s.Phase = parallel.NodeEnded
	}
	for _, c := range p.Status.Conditions {
		switch {
		case c.Type == core.PodScheduled && c.Status == core.ConditionFalse && s.Phase == parallel.NodePending:
			s.Reason = said(c.Reason, c.Message) // Unschedulable
		case c.Type == core.DisruptionTarget && c.Status == core.ConditionTrue:
			s.Reason = said(c.Reason, c.Message) // preemption, eviction, a taint
		}
	}
	for _, c := range p.Status.ContainerStatuses {
		if w := c.State.Waiting; w != nil && w.Reason != "ContainerCreating" && s.Phase == parallel.NodePending {
			s.Reason = said(w.Reason, w.Message) // the image
			if slices.Contains(final, w.Reason) {
				s.Phase = parallel.NodeEnded
			}
		}
		if t := c.State.Terminated; t != nil {
			s.Reason += fmt.Sprintf("; %s with status %d", t.Reason, t.ExitCode) // OOMKilled
			s.Tail = strings.TrimSpace(t.Message)
		}
	}
	return s
}

// Stop deletes pods, or the job with all of them and its secret, and waits until they are gone.
func (j *job) Stop(ctx context.Context, nodes ...int) error {
	all := len(nodes) == 0
	if all {
		if err := j.delete(ctx); err != nil {
			return err
		}
	}
	for {
		byIndex, err := j.pods(ctx)
		left := 0
		for i, p := range byIndex {
			if (all || slices.Contains(nodes, i)) && stateOf(p).Phase != parallel.NodeEnded {
				left++
				if !all && p.DeletionTimestamp == nil {
					if gone := j.resource(pods).Delete(ctx, p.Name, meta.DeleteOptions{}); gone != nil && !problem.IsNotFound(gone) {
						err = errors.Join(err, gone)
					}
				}
			}
		}
		if err == nil && left == 0 {
			return nil
		}
		select {
		case <-time.After(stopEvery):
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("%d pods of the job %s in the namespace %s are still there: kubectl delete job -n %s %s", left, j.name, j.Namespace, j.Namespace, j.name), err)
		}
	}
}

// stopEvery is how often it is looked whether pods are gone.
const stopEvery = time.Second / 2

// delete deletes the job, which takes its pods and its secret with it. The secret is deleted here as well, so that it is gone where
// nobody collects what is without an owner.
func (j *job) delete(ctx context.Context) error {
	background := meta.DeletePropagationBackground
	err := j.resource(jobs).Delete(ctx, j.name, meta.DeleteOptions{PropagationPolicy: &background})
	if problem.IsNotFound(err) {
		err = nil
	}
	if gone := j.resource(secrets).Delete(ctx, j.name, meta.DeleteOptions{}); gone != nil && !problem.IsNotFound(gone) {
		err = errors.Join(err, gone)
	}
	if err != nil {
		return fmt.Errorf("the job %s in the namespace %s could not be deleted: %w; kubectl delete job,secret -n %s %s", j.name, j.Namespace, err, j.Namespace, j.name)
	}
	return nil
}
