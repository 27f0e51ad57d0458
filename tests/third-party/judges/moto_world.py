"""A small world on moto's server, made with boto3: a network, a registry with images, a load balancer, a service."""

import hashlib
import json
import time

from judges.clients import CLUSTER, aws

COMMITS = ["7c1e94d8b0a3f5261e9d47c80b52a6f3914ed07a", "e52b07f19c4d8a6032be75f1d09c8e4736a5b218"]


class World:
    """Names and ids of what was made. `images` are references by digest, oldest first."""

    def __init__(self, place):
        ec2, elb = aws(place, "ec2"), aws(place, "elbv2")
        vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]][:2]
        group = ec2.create_security_group(GroupName="hello", Description="hello", VpcId=vpc)["GroupId"]
        self.target_group = elb.create_target_group(
            Name="hello", Protocol="HTTP", Port=8080, VpcId=vpc, TargetType="ip", HealthCheckPath="/readyz"
        )["TargetGroups"][0]["TargetGroupArn"]
        elb.register_targets(TargetGroupArn=self.target_group, Targets=[{"Id": "10.0.0.1", "Port": 8080}])
        balancer = elb.create_load_balancer(Name="hello", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
        forward = [{"Type": "forward", "TargetGroupArn": self.target_group}]
        elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=forward)
        self._images(aws(place, "ecr"))
        self._service(aws(place, "ecs"), subnets, group)
        self._logs(aws(place, "logs"))

    def _images(self, ecr):
        self.repository = ecr.create_repository(repositoryName="hello")["repository"]["repositoryUri"]
        self.digests = []
        for commit in COMMITS:
            config = "sha256:" + hashlib.sha256(commit.encode()).hexdigest()
            manifest = {
                "schemaVersion": 2,
                "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
                "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 7, "digest": config},
                "layers": [],
            }
            text = json.dumps(manifest)
            digest = "sha256:" + hashlib.sha256(text.encode()).hexdigest()
            ecr.put_image(repositoryName="hello", imageManifest=text, imageTag=commit, imageDigest=digest)
            self.digests.append(digest)

    def _service(self, ecs, subnets, group):
        ecs.create_cluster(clusterName=CLUSTER)
        self.definitions = []
        for commit in COMMITS:
            container = {
                "name": "hello",
                "image": f"{self.repository}:{commit}",
                "essential": True,
                "portMappings": [{"containerPort": 8080}],
                "logConfiguration": {
                    "logDriver": "awslogs",
                    "options": {
                        "awslogs-group": "/ecs/hello",
                        "awslogs-region": "eu-central-1",
                        "awslogs-stream-prefix": "hello",
                    },
                },
            }
            made = ecs.register_task_definition(
                family="hello",
                requiresCompatibilities=["FARGATE"],
                networkMode="awsvpc",
                cpu="256",
                memory="512",
                containerDefinitions=[container],
            )
            self.definitions.append(made["taskDefinition"]["taskDefinitionArn"])
        network = {"subnets": subnets, "securityGroups": [group]}
        self.service = ecs.create_service(
            cluster=CLUSTER,
            serviceName="hello",
            taskDefinition=self.definitions[-1],
            desiredCount=2,
            launchType="FARGATE",
            loadBalancers=[{"targetGroupArn": self.target_group, "containerName": "hello", "containerPort": 8080}],
            networkConfiguration={"awsvpcConfiguration": network},
        )["service"]["serviceArn"]

    def _logs(self, logs):
        logs.create_log_group(logGroupName="/ecs/hello")
        logs.create_log_stream(logGroupName="/ecs/hello", logStreamName="hello/hello/0")
        now = int(time.time() * 1000)
        events = [{"timestamp": now - 2000 + at, "message": f"line {at} on moto"} for at in range(3)]
        logs.put_log_events(logGroupName="/ecs/hello", logStreamName="hello/hello/0", logEvents=events)
