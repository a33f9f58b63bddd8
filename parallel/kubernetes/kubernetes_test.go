package kubernetes

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goparallel/goparallel/parallel"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	problem "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic/fake"
	fakes "k8s.io/client-go/testing"
)

func TestMain(m *testing.M) { parallel.TestMain(m) }

// cluster is a fake of Kubernetes, whose kubelet the tests are.
type cluster struct {
	*fake.FakeDynamicClient
	t *testing.T
}

func newCluster(t *testing.T) *cluster {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{batch.AddToScheme, core.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	return &cluster{fake.NewSimpleDynamicClient(scheme), t}
}

func (c *cluster) launcher() Launcher {
	self, err := os.Executable()
	if err != nil {
		c.t.Fatal(err)
	}
	return Launcher{Client: c, Namespace: "lab", Image: "me/program:1", Program: self}
}

// get reads the object of the order.
func get[T any](c *cluster, kind schema.GroupVersionResource) *T {
	c.t.Helper()
	u, err := c.Resource(kind).Namespace("lab").Get(context.Background(), "goparallel-abc", meta.GetOptions{})
	object := new(T)
	if err == nil {
		err = runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, object)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return object
}

// pod makes the pod of an index, or changes it.
func (c *cluster) pod(job string, index int, status core.PodStatus) {
	c.t.Helper()
	p := &core.Pod{
		ObjectMeta: meta.ObjectMeta{Name: fmt.Sprintf("%s-%d-x", job, index), Namespace: "lab", Labels: map[string]string{label: job},
			Annotations: map[string]string{batch.JobCompletionIndexAnnotation: fmt.Sprint(index)}},
		Spec: core.PodSpec{NodeName: "worker"}, Status: status,
	}
	r := c.Resource(pods).Namespace("lab")
	if _, err := create(context.Background(), r, "Pod", "v1", p); err == nil {
		return
	} else if !problem.IsAlreadyExists(err) {
		c.t.Fatal(err)
	}
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(p)
	if err == nil {
		u := &unstructured.Unstructured{Object: fields}
		u.SetKind("Pod")
		u.SetAPIVersion("v1")
		_, err = r.Update(context.Background(), u, meta.UpdateOptions{})
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// order is one of two nodes, with three engines.
func order() parallel.Order {
	return parallel.Order{Name: "goparallel-abc", Nodes: 2, Engines: 2, Program: "/p", Ticket: func(i int, _ parallel.TicketOptions) []byte { return fmt.Appendf(nil, "secret %d", i) }}
}

// TestWhatIsAskedFor: an index that ends alone, tickets in a secret and nowhere else, all of which belongs to its owner.
func TestWhatIsAskedFor(t *testing.T) {
	c := newCluster(t)
	l := c.launcher()
	l.Memory, l.Time, l.Drain = 512, 90*time.Second, time.Minute
	l.Owner = &meta.OwnerReference{APIVersion: "v1", Kind: "Pod", Name: "notebook", UID: "7"}
	l.Change = func(s *core.PodSpec) { s.ServiceAccountName = "changed" }
	a, err := l.Launch(context.Background(), order())
	if err != nil {
		t.Fatal(err)
	}
	job := get[batch.Job](c, jobs)
	spec := job.Spec
	if *spec.Completions != 2 || *spec.Parallelism != 2 || *spec.CompletionMode != batch.IndexedCompletion || *spec.BackoffLimitPerIndex != 0 || spec.BackoffLimit != nil || *spec.ActiveDeadlineSeconds != 90 {
		t.Errorf("%+v", spec)
	}
	if job.OwnerReferences[0].Name != "notebook" {
		t.Error(job.OwnerReferences)
	}
	pod := spec.Template.Spec
	if pod.RestartPolicy != core.RestartPolicyNever || *pod.TerminationGracePeriodSeconds != 60 || pod.ServiceAccountName != "changed" || *pod.Volumes[0].Secret.DefaultMode != 0o400 {
		t.Errorf("%+v", pod)
	}
	if r := pod.Containers[0].Resources; r.Requests.Cpu().Value() != 2 || r.Limits.Memory().Value() != 512<<20 {
		t.Errorf("%+v", r)
	}
	if strings.Contains(fmt.Sprint(job), "secret 1") {
		t.Error("a ticket is in the job")
	}
	secret := get[core.Secret](c, secrets)
	if string(secret.Data["ticket.1"]) != "secret 1" || secret.OwnerReferences[0].Kind != "Job" {
		t.Errorf("%+v", secret)
	}
	if err := a.Stop(context.Background()); err != nil {
		t.Error(err)
	}
	for _, kind := range []schema.GroupVersionResource{jobs, secrets} {
		if left, err := c.Resource(kind).Namespace("lab").List(context.Background(), meta.ListOptions{}); err != nil || len(left.Items) != 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	}
}

// TestWhatPodsSay: what keeps pods from starting, and how they end, in Kubernetes' words.
func TestWhatPodsSay(t *testing.T) {
	waiting := func(reason, message string) core.PodStatus {
		return core.PodStatus{Phase: core.PodPending, ContainerStatuses: []core.ContainerStatus{{State: core.ContainerState{Waiting: &core.ContainerStateWaiting{Reason: reason, Message: message}}}}}
	}
	condition := func(phase core.PodPhase, c core.PodConditionType, status core.ConditionStatus, reason, message string) core.PodStatus {
		return core.PodStatus{Phase: phase, Conditions: []core.PodCondition{{Type: c, Status: status, Reason: reason, Message: message}}}
	}
	ended := func(reason string, code int32, message string) core.PodStatus {
		return core.PodStatus{Phase: core.PodFailed, ContainerStatuses: []core.ContainerStatus{{State: core.ContainerState{Terminated: &core.ContainerStateTerminated{Reason: reason, ExitCode: code, Message: message}}}}}
	}
	for _, k := range []struct {
		name   string
		status core.PodStatus
		phase  parallel.NodePhase
		want   string
		tail   string
	}{
		{"unschedulable", condition(core.PodPending, core.PodScheduled, core.ConditionFalse, "Unschedulable", "0/3 nodes are available: 3 Insufficient cpu."), parallel.NodePending, "Unschedulable (0/3 nodes are available: 3 Insufficient cpu.)", ""},
		{"no such image", waiting("ImagePullBackOff", "Back-off pulling image \"me/program:1\""), parallel.NodePending, "ImagePullBackOff (Back-off", ""},
		{"a bad name", waiting("InvalidImageName", "couldn't parse image name"), parallel.NodeEnded, "InvalidImageName", ""},
		{"starts", waiting("ContainerCreating", ""), parallel.NodePending, "Pending", ""},
		{"runs", core.PodStatus{Phase: core.PodRunning}, parallel.NodeRunning, "Running", ""},
		{"evicted", core.PodStatus{Phase: core.PodFailed, Reason: "Evicted", Message: "The node was low on resource: memory."}, parallel.NodeEnded, "Evicted (The node was low on resource: memory.)", ""},
		{"preempted", condition(core.PodFailed, core.DisruptionTarget, core.ConditionTrue, "PreemptionByScheduler", "preempting to accommodate a higher priority pod"), parallel.NodeEnded, "PreemptionByScheduler (preempting", ""},
		{"out of memory", ended("OOMKilled", 137, ""), parallel.NodeEnded, "OOMKilled with status 137", ""},
		{"failed", ended("Error", 2, "goparallel's node on x: no way\n"), parallel.NodeEnded, "Error with status 2", "goparallel's node on x: no way"},
		{"its node is silent", core.PodStatus{Phase: core.PodUnknown, Reason: "NodeLost"}, parallel.NodeUnknown, "NodeLost", ""},
	} {
		c := newCluster(t)
		a, err := c.launcher().Launch(context.Background(), order())
		if err != nil {
			t.Fatal(err)
		}
		c.pod("goparallel-abc", 1, k.status)
		states, err := a.Poll(context.Background())
		if err != nil || len(states) != 2 {
			t.Fatal(k.name, states, err)
		}
		if s := states[1]; s.Phase != k.phase || !strings.Contains(s.Reason, k.want) || s.Tail != k.tail || s.Where != "worker" {
			t.Errorf("%s: %+v", k.name, s)
		}
		if states[0].Phase != parallel.NodePending || states[0].Reason != "no pod yet" {
			t.Errorf("%s: of the pod that is not there yet: %+v", k.name, states[0])
		}
	}
}

// TestWhatJobsSay: reasons that no pod has.
func TestWhatJobsSay(t *testing.T) {
	c := newCluster(t)
	a, err := c.launcher().Launch(context.Background(), order())
	if err != nil {
		t.Fatal(err)
	}
	poll := func() parallel.NodeState {
		states, err := a.Poll(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return states[0]
	}
	for i, reason := range []string{"old", `pods "goparallel-abc-0" is forbidden: exceeded quota: lab`} {
		_, err := create(context.Background(), c.Resource(events).Namespace("lab"), "Event", "v1", &core.Event{
			ObjectMeta: meta.ObjectMeta{Name: fmt.Sprint("e", 1-i), Namespace: "lab"}, InvolvedObject: core.ObjectReference{Name: "goparallel-abc"},
			Type: core.EventTypeWarning, Reason: "FailedCreate", Message: reason, LastTimestamp: meta.NewTime(time.Unix(int64(1000+i), 0)),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if s := poll(); s.Phase != parallel.NodePending || !strings.Contains(s.Reason, "FailedCreate (pods") || !strings.Contains(s.Reason, "exceeded quota") {
		t.Errorf("of a quota: %+v", s)
	}
	c.pod("goparallel-abc", 0, core.PodStatus{Phase: core.PodRunning})
	poll()
	if err := a.Stop(context.Background(), 0); err != nil {
		t.Error(err)
	}
	if s := poll(); s.Phase != parallel.NodeEnded || s.Reason != "its pod was deleted" {
		t.Errorf("of a pod that is gone: %+v", s)
	}
	c.pod("goparallel-abc", 0, core.PodStatus{Phase: core.PodRunning})
	stuck, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := a.Stop(stuck); err == nil || !strings.Contains(err.Error(), "kubectl delete job -n lab goparallel-abc") { // no kubelet ends the pod
		t.Error(err)
	}
	if s, err := a.(*job).withoutPod(context.Background()); err != nil || s.Phase != parallel.NodeEnded || s.Reason != "its job was deleted" {
		t.Errorf("of a job that is gone: %+v, %v", s, err)
	}
}

// TestRefusals: what Kubernetes refuses is said, and nothing of it is left.
func TestRefusals(t *testing.T) {
	for _, kind := range []string{"jobs", "secrets"} {
		c := newCluster(t)
		c.PrependReactor("create", kind, func(fakes.Action) (bool, runtime.Object, error) {
			return true, nil, problem.NewForbidden(jobs.GroupResource(), "goparallel-abc", fmt.Errorf("your account may not"))
		})
		if _, err := c.launcher().Launch(context.Background(), order()); err == nil || !strings.Contains(err.Error(), "your account may not") || !strings.Contains(err.Error(), "the namespace lab") {
			t.Error(kind, err)
		}
		if left, err := c.Resource(jobs).Namespace("lab").List(context.Background(), meta.ListOptions{}); err != nil || len(left.Items) != 0 {
			t.Error(kind, left, err)
		}
	}
	if _, err := (Launcher{}).PerNode(1); err == nil {
		t.Error("nothing is set")
	}
}

// TestEngines: the pods of a fake kubelet are processes, and a map runs on their engines.
func TestEngines(t *testing.T) {
	c := newCluster(t)
	var kubelet sync.WaitGroup
	var mu sync.Mutex
	var running []*exec.Cmd
	c.PrependReactor("create", "secrets", func(action fakes.Action) (bool, runtime.Object, error) {
		var s core.Secret
		u := action.(fakes.CreateAction).GetObject().(*unstructured.Unstructured)
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, &s); err != nil {
			return true, nil, err
		}
		self, _ := os.Executable()
		for i := range 2 {
			cmd := exec.Command(self)
			cmd.Env = append(os.Environ(), "GOPARALLEL_ENGINE=node")
			cmd.Stdin = bytes.NewReader(s.Data[fmt.Sprintf("ticket.%d", i)])
			if err := cmd.Start(); err != nil {
				return true, nil, err
			}
			mu.Lock()
			running = append(running, cmd)
			mu.Unlock()
			kubelet.Go(func() {
				c.pod(s.Name, i, core.PodStatus{Phase: core.PodRunning})
				cmd.Wait()
				c.pod(s.Name, i, core.PodStatus{Phase: core.PodFailed})
			})
		}
		return false, nil, nil
	})
	l := c.launcher()
	l.EnginesPerNode = 2
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	rc, err := parallel.Start(ctx, 3, parallel.On(l))
	if err != nil {
		t.Fatal(err)
	}
	ys, err := rc.LoadBalanced().MapSync(square, []int{1, 2, 3, 4})
	if err != nil || !slices.Equal(ys, []int{1, 4, 9, 16}) {
		t.Error(ys, err)
	}
	if err := rc.Close(); err != nil {
		t.Error(err)
	}
	kubelet.Wait() // the nodes end with the cluster
}

var square = parallel.Func("square", func(x int) int { return x * x })
