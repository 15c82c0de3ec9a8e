package kubernetes

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/gentype"
	clienttesting "k8s.io/client-go/testing"
)

const fakeNamespace = "sizing"

// newFake returns a simulated API that has objects. client-go's own set of simulated
// clients would make this package's tests compile all groups.
func newFake(objects ...runtime.Object) *clienttesting.Fake {
	scheme := runtime.NewScheme()
	if err := corev1.AddToScheme(scheme); err != nil {
		panic(err)
	}
	tracker := clienttesting.NewObjectTracker(scheme, serializer.NewCodecFactory(scheme).UniversalDecoder())
	for _, object := range objects {
		if err := tracker.Add(object); err != nil {
			panic(err)
		}
	}
	fake := &clienttesting.Fake{}
	fake.AddReactor("*", "*", clienttesting.ObjectReaction(tracker))
	fake.AddWatchReactor("*", func(action clienttesting.Action) (bool, watch.Interface, error) {
		stream, err := tracker.Watch(action.GetResource(), action.GetNamespace())
		return true, stream, err
	})
	return fake
}

// apiOf returns the API of a fake.
func apiOf(fake *clienttesting.Fake) api {
	return api{
		pods: collectionOf(fake, fakeNamespace, "pods", "Pod",
			func(l *corev1.PodList) (*metav1.ListMeta, *[]corev1.Pod) { return &l.ListMeta, &l.Items }),
		services: collectionOf(fake, fakeNamespace, "services", "Service",
			func(l *corev1.ServiceList) (*metav1.ListMeta, *[]corev1.Service) { return &l.ListMeta, &l.Items }),
		secrets: collectionOf(fake, fakeNamespace, "secrets", "Secret",
			func(l *corev1.SecretList) (*metav1.ListMeta, *[]corev1.Secret) { return &l.ListMeta, &l.Items }),
		claims: collectionOf(fake, fakeNamespace, "persistentvolumeclaims", "PersistentVolumeClaim",
			func(l *corev1.PersistentVolumeClaimList) (*metav1.ListMeta, *[]corev1.PersistentVolumeClaim) {
				return &l.ListMeta, &l.Items
			}),
		quotas: collectionOf(fake, fakeNamespace, "resourcequotas", "ResourceQuota",
			func(l *corev1.ResourceQuotaList) (*metav1.ListMeta, *[]corev1.ResourceQuota) {
				return &l.ListMeta, &l.Items
			}),
		ranges: collectionOf(fake, fakeNamespace, "limitranges", "LimitRange",
			func(l *corev1.LimitRangeList) (*metav1.ListMeta, *[]corev1.LimitRange) { return &l.ListMeta, &l.Items }),
		nodes: collectionOf(fake, "", "nodes", "Node",
			func(l *corev1.NodeList) (*metav1.ListMeta, *[]corev1.Node) { return &l.ListMeta, &l.Items }),
		version: func(context.Context) (string, error) { return "v1.34.4", nil },
	}
}

// collectionOf returns the objects of one kind; parts returns the parts of a list.
func collectionOf[T, L any, Object interface {
	*T
	runtime.Object
	metav1.Object
}, List interface {
	*L
	runtime.Object
}](fake *clienttesting.Fake, namespace, resource, kind string, parts func(List) (*metav1.ListMeta, *[]T)) *gentype.FakeClientWithList[Object, List] {
	version := corev1.SchemeGroupVersion
	return gentype.NewFakeClientWithList[Object, List](fake, namespace, version.WithResource(resource), version.WithKind(kind),
		func() Object { return new(T) }, func() List { return new(L) },
		func(to, from List) {
			toMeta, _ := parts(to)
			fromMeta, _ := parts(from)
			*toMeta = *fromMeta
		},
		func(list List) (pointers []Object) {
			_, items := parts(list)
			for i := range *items {
				pointers = append(pointers, &(*items)[i])
			}
			return pointers
		},
		func(list List, pointers []Object) {
			_, items := parts(list)
			*items = nil
			for _, object := range pointers {
				*items = append(*items, *object)
			}
		})
}
