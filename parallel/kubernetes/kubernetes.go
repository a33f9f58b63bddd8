// Package kubernetes is a launcher whose nodes are pods of a Kubernetes cluster: the indexes of one Job. It is a module of its own,
// so that only who uses it has Kubernetes' client in a go.sum:
//
//	client, namespace, err := kubernetes.Connect("")
//	rc, err := parallel.Start(ctx, 16, parallel.On(kubernetes.Launcher{
//		Client: client, Namespace: namespace, Image: "registry.example.org/me/simulation:3", Program: "/simulation", EnginesPerNode: 4,
//	}))
//
// It was tested with the fake of Kubernetes' client alone, and has not run on a cluster yet.
package kubernetes

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/goparallel/goparallel/parallel"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"
)

// The kinds of objects that the launcher makes and looks at.
var (
	jobs    = schema.GroupVersionResource{Group: "batch", Version: "v1", Resource: "jobs"}
	pods    = schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	secrets = schema.GroupVersionResource{Version: "v1", Resource: "secrets"}
	events  = schema.GroupVersionResource{Version: "v1", Resource: "events"}
)

// Connect returns a client and the namespace of a context of the kubeconfig file, as kubectl has them; "" is the current one. Within
// a pod without such a file it is the pod's own account.
func Connect(context string) (dynamic.Interface, string, error) {
	config := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(clientcmd.NewDefaultClientConfigLoadingRules(), &clientcmd.ConfigOverrides{CurrentContext: context})
	namespace, _, err := config.Namespace()
	if err != nil {
		return nil, "", fmt.Errorf("no Kubernetes cluster is known: %w", err)
	}
	rest, err := config.ClientConfig()
	if err != nil {
		return nil, "", fmt.Errorf("no Kubernetes cluster is known: %w", err)
	}
	client, err := dynamic.NewForConfig(rest)
	return client, namespace, err
}

// Launcher is a [parallel.Launcher]. The pods must reach the process that calls parallel.Start at one of its addresses, which is so where that is a pod, too. Its
// account may create and delete jobs and secrets, and list and delete pods, and list events, in the namespace.
type Launcher struct {
	// Client and Namespace are as from [Connect].
	Client    dynamic.Interface
	Namespace string
	// Image is the image of the pods, which must have a POSIX shell, and Program the path of this program in it: the same build,
	// or the pods are refused.
	Image, Program string
	// EnginesPerNode is how many engines each pod has; 0 means 1.
	EnginesPerNode int
	// CPUs and Memory are what each pod requests, and Memory its limit as well, in MiB; 0 for CPUs is one for each engine, a negative number none.
	CPUs, Memory int
	// Time is how long the pods may run.
	Time time.Duration
	// Drain is how long a pod that is evicted, preempted or deleted has to finish what it does; 0 means the cluster's default, mostly 30 seconds.
	Drain time.Duration
	// Owner is what the job and its secret belong to, such as the pod that this process runs in: with it they go.
	Owner *meta.OwnerReference
	// Change may change what pods are to be: volumes, tolerations, pull secrets. It may be nil.
	Change func(*core.PodSpec)
}

// PerNode returns EnginesPerNode.
func (l Launcher) PerNode(int) (int, error) {
	switch {
	case l.EnginesPerNode < 0:
		return 0, fmt.Errorf("EnginesPerNode is %d", l.EnginesPerNode)
	case l.Client == nil || l.Namespace == "" || l.Image == "" || l.Program == "":
		return 0, errors.New("a Launcher needs Client, Namespace, Image and Program: Connect returns the first two")
	}
	return max(1, l.EnginesPerNode), nil
}

// Launch creates a job, and a secret with the tickets of its pods, which goes with the job.
func (l Launcher) Launch(ctx context.Context, o parallel.Order) (parallel.Allocation, error) {
	j := &job{Launcher: l, name: o.Name, nodes: o.Nodes, seen: map[int]bool{}}
	created, err := create(ctx, l.resource(jobs), "Job", "batch/v1", l.job(o))
	if err != nil {
		return nil, fmt.Errorf("the cluster of Kubernetes does not take the job %s in the namespace %s: %w", o.Name, l.Namespace, err)
	}
	_, err = create(ctx, l.resource(secrets), "Secret", "v1", l.secret(o, created))
	if err != nil {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanTime)
		defer cancel()
		return nil, errors.Join(fmt.Errorf("the cluster of Kubernetes does not take the tickets of the job %s in the namespace %s: %w", o.Name, l.Namespace, err), j.delete(stop))
	}
	return j, nil
}

// cleanTime limits how long what was half made is taken back.
const cleanTime = 10 * time.Second

// create creates an object of a kind.
func create(ctx context.Context, r dynamic.ResourceInterface, kind, version string, object any) (*unstructured.Unstructured, error) {
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		return nil, err
	}
	u := &unstructured.Unstructured{Object: fields}
	u.SetKind(kind)
	u.SetAPIVersion(version)
	return r.Create(ctx, u, meta.CreateOptions{})
}

// tickets is where pods find the tickets.
const tickets = "/var/run/goparallel"

// job is one whose indexes are nodes. One that ends does not end others, and is not started again: its ticket lets one process in, once.
func (l Launcher) job(o parallel.Order) *batch.Job {
	nodes, none := int32(o.Nodes), int32(0)
	mode := batch.IndexedCompletion
	container := core.Container{
		Name: "node", Image: l.Image,
		Command:      []string{"/bin/sh", "-c", `exec "$0" < ` + tickets + `/ticket.$JOB_COMPLETION_INDEX`, l.Program},
		Env:          []core.EnvVar{{Name: "GOPARALLEL_ENGINE", Value: "node"}},
		VolumeMounts: []core.VolumeMount{{Name: "tickets", MountPath: tickets, ReadOnly: true}},
		// The last lines are the reason of most ends, and pods' logs may be gone with them.
		TerminationMessagePolicy: core.TerminationMessageFallbackToLogsOnError,
		Resources:                core.ResourceRequirements{Requests: core.ResourceList{}, Limits: core.ResourceList{}},
	}
	if cpus := cmp.Or(l.CPUs, o.Engines); cpus > 0 {
		container.Resources.Requests[core.ResourceCPU] = *resource.NewQuantity(int64(cpus), resource.DecimalSI)
	}
	if l.Memory > 0 {
		memory := *resource.NewQuantity(int64(l.Memory)<<20, resource.BinarySI)
		container.Resources.Requests[core.ResourceMemory], container.Resources.Limits[core.ResourceMemory] = memory, memory
	}
	readable := int32(0o400)
	spec := core.PodSpec{
		RestartPolicy: core.RestartPolicyNever,
		Containers:    []core.Container{container},
		Volumes:       []core.Volume{{Name: "tickets", VolumeSource: core.VolumeSource{Secret: &core.SecretVolumeSource{SecretName: o.Name, DefaultMode: &readable}}}},
	}
	if l.Drain > 0 {
		seconds := int64((l.Drain + time.Second - 1) / time.Second)
		spec.TerminationGracePeriodSeconds = &seconds
	}
	if l.Change != nil {
		l.Change(&spec)
	}
	j := &batch.Job{
		ObjectMeta: l.meta(o),
		Spec: batch.JobSpec{
			Completions: &nodes, Parallelism: &nodes, CompletionMode: &mode, BackoffLimitPerIndex: &none,
			Template: core.PodTemplateSpec{ObjectMeta: meta.ObjectMeta{Labels: map[string]string{label: o.Name}}, Spec: spec},
		},
	}
	if l.Time > 0 {
		seconds := int64((l.Time + time.Second - 1) / time.Second)
		j.Spec.ActiveDeadlineSeconds = &seconds
	}
	return j
}

// label is that of all objects of an order.
const label = "goparallel"

// meta is what the job and the secret have in common.
func (l Launcher) meta(o parallel.Order) meta.ObjectMeta {
	m := meta.ObjectMeta{Name: o.Name, Namespace: l.Namespace, Labels: map[string]string{label: o.Name}}
	if l.Owner != nil {
		m.OwnerReferences = []meta.OwnerReference{*l.Owner}
	}
	return m
}

// secret has the tickets, and belongs to the job.
func (l Launcher) secret(o parallel.Order, job *unstructured.Unstructured) *core.Secret {
	s := &core.Secret{ObjectMeta: l.meta(o), Data: map[string][]byte{}}
	s.OwnerReferences = []meta.OwnerReference{{APIVersion: "batch/v1", Kind: "Job", Name: o.Name, UID: job.GetUID()}}
	for i := range o.Nodes {
		s.Data[fmt.Sprintf("ticket.%d", i)] = o.Ticket(i, parallel.TicketOptions{})
	}
	return s
}
