module github.com/goparallel/goparallel/bench/peers/gopeer

go 1.27.0

toolchain go1.27.4

require (
	github.com/alitto/pond/v2 v2.7.1
	github.com/goparallel/goparallel v0.0.0
	github.com/sourcegraph/conc v0.3.0
	google.golang.org/grpc v1.85.0
	google.golang.org/protobuf v1.36.12
)

require (
	go.uber.org/atomic v1.7.0 // indirect
	go.uber.org/multierr v1.9.0 // indirect
	golang.org/x/net v0.60.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.42.0 // indirect
	google.golang.org/genproto/googleapis/rpc v0.0.0-20260817212433-ac3dfec99bb1 // indirect
)

replace github.com/goparallel/goparallel => ../../..
