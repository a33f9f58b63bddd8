// Webserver has handlers that share the engines of a cluster which lives on by itself. A short request waits for
// its result; a long one gets the id of its call at once, and asks for the result later, also after the
// service was started again in between.
//
//	goparallel cluster start -n 4
//	go run ./examples/webserver
//	curl 'localhost:8080/pi?points=1000000'
//	curl -X POST 'localhost:8080/jobs?points=10000000000'     # answers with an id
//	curl localhost:8080/jobs/ID
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/goparallel/goparallel/parallel"
)

// Sample is a part of the points.
type Sample struct {
	Seed   uint64
	Points int
}

// inside counts the points of a sample that lie in a quarter of a circle.
var inside = parallel.Func("inside", func(s Sample) int {
	random, n := rand.New(rand.NewPCG(s.Seed, 0)), 0
	for range s.Points {
		if x, y := random.Float64(), random.Float64(); x*x+y*y < 1 {
			n++
		}
	}
	return n
})

// parts is how many items a request becomes.
const parts = 64

// label is what a job's call is known by: it is seen on the dashboard, and says how to read the results.
const label = "%d points a part"

func main() {
	parallel.Init()
	address := flag.String("address", "localhost:8080", "where to listen")
	name := flag.String("cluster", "", "the name of the cluster")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	rc, err := parallel.Connect(ctx, *name)
	if err != nil {
		log.Fatal(err)
	}
	defer rc.Close()
	server := &http.Server{Addr: *address, Handler: handler(rc)}
	go func() {
		<-ctx.Done()
		end, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		server.Shutdown(end) // requests that wait have their results first
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Print(err)
	}
}

// handler answers requests with the engines of a client.
func handler(rc *parallel.Client) http.Handler {
	mux := http.NewServeMux()
	view := rc.LoadBalanced()
	mux.HandleFunc("GET /pi", func(w http.ResponseWriter, r *http.Request) {
		samples, err := samples(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		counts, err := view.MapSync(inside, samples, parallel.WithContext(r.Context())) // ends when the caller hangs up
		answer(w, counts, samples[0].Points, err)
	})
	mux.HandleFunc("POST /jobs", func(w http.ResponseWriter, r *http.Request) {
		samples, err := samples(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		id := view.Map(inside, samples, parallel.Label(fmt.Sprintf(label, samples[0].Points))).ID()
		if id == "" {
			http.Error(w, "the cluster did not take the call", http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprintln(w, id)
	})
	mux.HandleFunc("GET /jobs/{id}", func(w http.ResponseWriter, r *http.Request) {
		job, err := rc.Fetch[int](r.Context(), r.PathValue("id"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		var points int
		if _, err := fmt.Sscanf(job.Explain().Label, label, &points); err != nil {
			http.Error(w, "this is another program's call", http.StatusNotFound)
			return
		}
		select {
		case <-job.Done():
			counts, err := job.Get()
			answer(w, counts, points, err)
		case <-r.Context().Done(): // who asked has hung up; the call goes on
		}
	})
	return mux
}

// samples divides what a request asks for.
func samples(r *http.Request) ([]Sample, error) {
	points, err := strconv.Atoi(r.FormValue("points"))
	if err != nil || points < parts {
		return nil, fmt.Errorf("points must be a number from %d on", parts)
	}
	list := make([]Sample, parts)
	for i := range list {
		list[i] = Sample{uint64(i), points / parts}
	}
	return list, nil
}

// answer writes what the counts of all parts say of pi.
func answer(w http.ResponseWriter, counts []int, each int, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	sum := 0
	for _, n := range counts {
		sum += n
	}
	fmt.Fprintf(w, "%.6f\n", 4*float64(sum)/float64(each*parts))
}
