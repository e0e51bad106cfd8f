package main

import (
	"context"
	"fmt"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

const (
	nodeName           = "node-a"
	podName            = "web"
	containerName      = "main"
	serviceAccountName = "tester"
)

var create = metav1.CreateOptions{}

// createObjects makes what tests find in a new cluster: the node "node-a", the pod "web" running on it in the
// namespace "default", rights for the user "reader", and the ServiceAccount "tester", whose token it returns.
func createObjects(ctx context.Context, config *rest.Config, kubeletPort int32) (string, error) {
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return "", err
	}
	// The API server makes the namespace itself, but is ready before.
	err = wait.PollUntilContextTimeout(ctx, readyInterval, startTimeout, true, func(ctx context.Context) (bool, error) {
		_, err := client.CoreV1().Namespaces().Get(ctx, metav1.NamespaceDefault, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return false, nil
		}
		return err == nil, err
	})
	if err != nil {
		return "", fmt.Errorf("waiting for the namespace %q: %w", metav1.NamespaceDefault, err)
	}
	if err := createNode(ctx, client, kubeletPort); err != nil {
		return "", fmt.Errorf("node: %w", err)
	}
	if err := createPod(ctx, client); err != nil {
		return "", fmt.Errorf("pod: %w", err)
	}
	if err := allowReader(ctx, client); err != nil {
		return "", fmt.Errorf("rights of the user %q: %w", readerUser, err)
	}
	token, err := createServiceAccount(ctx, client)
	if err != nil {
		return "", fmt.Errorf("service account: %w", err)
	}
	return token, nil
}

func createNode(ctx context.Context, client kubernetes.Interface, kubeletPort int32) error {
	nodes := client.CoreV1().Nodes()
	node, err := nodes.Create(ctx, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: nodeName}}, create)
	if err != nil {
		return err
	}
	node.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "127.0.0.1"}}
	node.Status.DaemonEndpoints.KubeletEndpoint.Port = kubeletPort
	_, err = nodes.UpdateStatus(ctx, node, metav1.UpdateOptions{})
	return err
}

func createPod(ctx context.Context, client kubernetes.Interface) error {
	pods := client.CoreV1().Pods(metav1.NamespaceDefault)
	pod, err := pods.Create(ctx, &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: podName, Labels: map[string]string{"app": podName}},
		Spec: corev1.PodSpec{
			NodeName:   nodeName,
			Containers: []corev1.Container{{Name: containerName, Image: "busybox"}},
		},
	}, create)
	if err != nil {
		return err
	}
	started := metav1.Now()
	pod.Status.Phase = corev1.PodRunning
	pod.Status.StartTime = &started
	pod.Status.PodIP, pod.Status.PodIPs = "127.0.0.1", []corev1.PodIP{{IP: "127.0.0.1"}}
	for _, condition := range []corev1.PodConditionType{
		corev1.PodScheduled, corev1.PodInitialized, corev1.ContainersReady, corev1.PodReady,
	} {
		pod.Status.Conditions = append(pod.Status.Conditions, corev1.PodCondition{
			Type: condition, Status: corev1.ConditionTrue, LastTransitionTime: started,
		})
	}
	pod.Status.ContainerStatuses = []corev1.ContainerStatus{{
		Name:    containerName,
		Image:   "busybox",
		ImageID: "busybox",
		Ready:   true,
		State:   corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: started}},
	}}
	_, err = pods.UpdateStatus(ctx, pod, metav1.UpdateOptions{})
	return err
}

// allowReader lets the user see the pods of one namespace and nothing else.
func allowReader(ctx context.Context, client kubernetes.Interface) error {
	name := metav1.ObjectMeta{Name: "pod-reader"}
	_, err := client.RbacV1().Roles(metav1.NamespaceDefault).Create(ctx, &rbacv1.Role{
		ObjectMeta: name,
		Rules: []rbacv1.PolicyRule{
			{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"get", "list", "watch"}},
		},
	}, create)
	if err != nil {
		return err
	}
	_, err = client.RbacV1().RoleBindings(metav1.NamespaceDefault).Create(ctx, &rbacv1.RoleBinding{
		ObjectMeta: name,
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: name.Name},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: readerUser}},
	}, create)
	return err
}

// createServiceAccount makes one that may do everything, and asks for a token as a kubelet would for a pod.
func createServiceAccount(ctx context.Context, client kubernetes.Interface) (string, error) {
	accounts := client.CoreV1().ServiceAccounts(metav1.NamespaceDefault)
	name := metav1.ObjectMeta{Name: serviceAccountName}
	if _, err := accounts.Create(ctx, &corev1.ServiceAccount{ObjectMeta: name}, create); err != nil {
		return "", err
	}
	_, err := client.RbacV1().ClusterRoleBindings().Create(ctx, &rbacv1.ClusterRoleBinding{
		ObjectMeta: name,
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "cluster-admin"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: metav1.NamespaceDefault, Name: name.Name}},
	}, create)
	if err != nil {
		return "", err
	}
	seconds := int64(lifetime / time.Second)
	request, err := accounts.CreateToken(ctx, name.Name, &authenticationv1.TokenRequest{
		Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &seconds},
	}, create)
	if err != nil {
		return "", err
	}
	return request.Status.Token, nil
}
