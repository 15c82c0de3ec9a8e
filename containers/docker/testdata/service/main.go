// Command service is what the tests of this package run in containers.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"plan/containers"
	"plan/containers/docker"
)

func main() {
	switch os.Args[1] {
	case "agent": // gives back what it is told
		fmt.Fprintln(os.Stderr, "the agent listens")
		io.Copy(os.Stdout, os.Stdin)
	case docker.LifeCommand:
		io.Copy(io.Discard, os.Stdin)
	case docker.ResidentCommand:
		resident, err := docker.ResidentOfOthers()
		fmt.Println(int64(resident))
		if err != nil {
			panic(err)
		}
	case docker.ProcessesCommand:
		processes, err := docker.OtherProcesses()
		if err != nil {
			panic(err)
		}
		json.NewEncoder(os.Stdout).Encode(processes)
	case docker.CopyCommand:
		result, err := docker.CopyVolume(docker.CopyFrom, docker.CopyTo, containers.VolumeCopyLimit)
		if err != nil {
			panic(err)
		}
		json.NewEncoder(os.Stdout).Encode(result)
	case "serve":
		fmt.Println("serving")
		fmt.Fprintln(os.Stderr, "no fault")
		http.ListenAndServe(":8000", http.NotFoundHandler())
	case "flood": // that many MiB of lines, each of which has its number, then one more line
		mib, _ := strconv.Atoi(os.Args[2])
		fmt.Println("first")
		out := bufio.NewWriterSize(os.Stdout, 1<<20)
		for n := range mib << 7 {
			fmt.Fprintf(out, "%-8191d\n", n)
		}
		out.Flush()
		fmt.Println("ready")
		time.Sleep(time.Hour)
	case "exit":
		code, _ := strconv.Atoi(os.Args[2])
		os.Exit(code)
	case "eat": // that many MiB, for ever
		mib, _ := strconv.Atoi(os.Args[2])
		eat(mib)
	case "worker": // a child is killed for memory, the parent lives on
		exec.Command("/plan", "eat", os.Args[2]).Run()
		fmt.Println("the worker is gone")
		time.Sleep(time.Hour)
	case "burn": // one CPU and that many MiB, for ever
		mib, _ := strconv.Atoi(os.Args[2])
		go eat(mib)
		for {
		}
	case "write": // what whoever runs it is, into a file
		text := fmt.Sprintf("%d:%d", os.Getuid(), os.Getgid())
		fmt.Println(text, os.WriteFile(os.Args[2], []byte(text), 0o644))
	case "show":
		for _, path := range os.Args[2:] {
			show(path)
		}
	case "inside": // where it runs, how large its files may be, and the file systems at paths
		folder, _ := os.Getwd()
		var size syscall.Rlimit
		syscall.Getrlimit(syscall.RLIMIT_FSIZE, &size)
		fmt.Println(folder, size.Cur, size.Max)
		for _, path := range os.Args[2:] {
			var fs syscall.Statfs_t
			err := syscall.Statfs(path, &fs)
			fmt.Printf("%s %x %dM %v\n", path, fs.Type, fs.Blocks*uint64(fs.Bsize)>>20, err)
		}
	case "lookup":
		for _, name := range os.Args[2:] {
			addresses, _ := net.LookupHost(name)
			fmt.Println(name, len(addresses))
		}
	}
}

// show prints who has a file, how, and what is in it.
func show(path string) {
	text, err := os.ReadFile(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	info, _ := os.Stat(path)
	owner := info.Sys().(*syscall.Stat_t)
	fmt.Printf("%s %s %d:%d %s\n", path, info.Mode(), owner.Uid, owner.Gid, text)
}

func eat(mib int) {
	var kept [][]byte
	for range mib {
		block := make([]byte, 1<<20)
		for at := 0; at < len(block); at += 4096 {
			block[at] = 1
		}
		kept = append(kept, block)
	}
	fmt.Println("ate", len(kept))
	time.Sleep(time.Hour)
}
