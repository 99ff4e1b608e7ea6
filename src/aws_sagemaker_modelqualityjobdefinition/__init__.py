"""Resource provider for AWS::SageMaker::ModelQualityJobDefinition: what runs in Lambda, nothing else."""
