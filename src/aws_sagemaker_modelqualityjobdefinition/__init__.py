"""The provider of AWS::SageMaker::ModelQualityJobDefinition: what runs in Lambda, no more."""
