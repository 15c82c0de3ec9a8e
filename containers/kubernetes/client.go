package kubernetes

import (
	"context"
	"encoding/json"
	"io"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/gentype"
	"k8s.io/client-go/rest"
)

// collection is the objects of one kind in a namespace: Object is a pointer to one, List to a list of them.
type collection[Object, List any] interface {
	Create(ctx context.Context, object Object, options metav1.CreateOptions) (Object, error)
	Get(ctx context.Context, name string, options metav1.GetOptions) (Object, error)
	List(ctx context.Context, options metav1.ListOptions) (List, error)
	Delete(ctx context.Context, name string, options metav1.DeleteOptions) error
	Watch(ctx context.Context, options metav1.ListOptions) (watch.Interface, error)
}

// api is what a run needs of the API, in one namespace. client-go's own set of clients would double the size of the
// command: it registers the types of all groups.
type api struct {
	pods     collection[*corev1.Pod, *corev1.PodList]
	services collection[*corev1.Service, *corev1.ServiceList]
	secrets  collection[*corev1.Secret, *corev1.SecretList]
	claims   collection[*corev1.PersistentVolumeClaim, *corev1.PersistentVolumeClaimList]
	quotas   collection[*corev1.ResourceQuota, *corev1.ResourceQuotaList]
	ranges   collection[*corev1.LimitRange, *corev1.LimitRangeList]
	nodes    collection[*corev1.Node, *corev1.NodeList]

	parameters runtime.ParameterCodec // of requests such as attach

	version func(ctx context.Context) (string, error) // of the cluster
	logs    func(ctx context.Context, pod string, options *corev1.PodLogOptions) (io.ReadCloser, error)
}

// newAPI returns the API of a cluster, and a client for its other requests.
func newAPI(config *rest.Config, namespace string) (api, rest.Interface, error) {
	scheme := runtime.NewScheme()
	if err := corev1.AddToScheme(scheme); err != nil {
		return api{}, nil, err
	}
	of := rest.CopyConfig(config)
	of.APIPath, of.GroupVersion = "/api", &corev1.SchemeGroupVersion
	of.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	client, err := rest.RESTClientFor(of)
	if err != nil {
		return api{}, nil, err
	}
	codec := runtime.NewParameterCodec(scheme)
	return api{
		parameters: codec,
		pods: gentype.NewClientWithList[*corev1.Pod, *corev1.PodList]("pods", client, codec, namespace,
			func() *corev1.Pod { return &corev1.Pod{} }, func() *corev1.PodList { return &corev1.PodList{} }),
		services: gentype.NewClientWithList[*corev1.Service, *corev1.ServiceList]("services", client, codec, namespace,
			func() *corev1.Service { return &corev1.Service{} }, func() *corev1.ServiceList { return &corev1.ServiceList{} }),
		secrets: gentype.NewClientWithList[*corev1.Secret, *corev1.SecretList]("secrets", client, codec, namespace,
			func() *corev1.Secret { return &corev1.Secret{} }, func() *corev1.SecretList { return &corev1.SecretList{} }),
		claims: gentype.NewClientWithList[*corev1.PersistentVolumeClaim, *corev1.PersistentVolumeClaimList](
			"persistentvolumeclaims", client, codec, namespace,
			func() *corev1.PersistentVolumeClaim { return &corev1.PersistentVolumeClaim{} },
			func() *corev1.PersistentVolumeClaimList { return &corev1.PersistentVolumeClaimList{} }),
		quotas: gentype.NewClientWithList[*corev1.ResourceQuota, *corev1.ResourceQuotaList](
			"resourcequotas", client, codec, namespace, func() *corev1.ResourceQuota { return &corev1.ResourceQuota{} },
			func() *corev1.ResourceQuotaList { return &corev1.ResourceQuotaList{} }),
		ranges: gentype.NewClientWithList[*corev1.LimitRange, *corev1.LimitRangeList]("limitranges", client, codec, namespace,
			func() *corev1.LimitRange { return &corev1.LimitRange{} }, func() *corev1.LimitRangeList { return &corev1.LimitRangeList{} }),
		nodes: gentype.NewClientWithList[*corev1.Node, *corev1.NodeList]("nodes", client, codec, "",
			func() *corev1.Node { return &corev1.Node{} }, func() *corev1.NodeList { return &corev1.NodeList{} }),
		version: func(ctx context.Context) (string, error) {
			page, err := client.Get().AbsPath("/version").DoRaw(ctx)
			var version struct {
				GitVersion string `json:"gitVersion"`
			}
			if err == nil {
				err = json.Unmarshal(page, &version)
			}
			return version.GitVersion, err
		},
		logs: func(ctx context.Context, pod string, options *corev1.PodLogOptions) (io.ReadCloser, error) {
			get := client.Get().Resource("pods").Namespace(namespace).Name(pod).SubResource("log")
			return get.VersionedParams(options, codec).Stream(ctx)
		},
	}, client, nil
}
